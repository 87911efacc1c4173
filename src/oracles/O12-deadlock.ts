import type { Oracle } from './oracle.js'

/** SYSTEMS: no deadlock. The engine finds it by itself, under the name "deadlock". */
export const O12: Oracle = {
  id: 'O12',
  name: 'deadlock',
  text: `Threads wait for each other, or for something that only the one that waits could do, and nobody can go on. Reported
as "deadlock".`,
  install: () => undefined,
}
