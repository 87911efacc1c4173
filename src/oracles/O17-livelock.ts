import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'

/** SYSTEMS: liveness. The engine finds it by itself, under the name "livelock". */
export const O17: Oracle = {
  id: 'O17',
  name: ORACLE_NAMES.O17,
  text: `Threads go round for ever and none comes to its end: a fault that is taken again and again, a retry that nobody else
can make succeed. Reported as "livelock".`,
  install: () => undefined,
}
