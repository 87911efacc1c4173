import { atomic, Blocked, type Steps } from '../engine/model/step.js'

/** BUG(): the kernel has found its own state broken. Violates O13; the thread takes no further step. */
export function* bug(message: string): Steps<never> {
  yield* atomic(`BUG: ${message}`, (m) => m.violate('O13', `kernel BUG: ${message}`))
  for (;;) yield* atomic('stopped', () => new Blocked('kernel BUG'))
}
