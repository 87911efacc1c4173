import type { Access } from './memory.js'

/**
 * Set while model code runs with nobody else around (Sequential): a step is then taken where `yield*` meets it, and no
 * generator is ever suspended.
 */
export interface Direct {
  readonly access: Access
  readonly context: unknown
  /** The step could not be taken; throws. */
  stuck(step: string, why: string): never
}

export const direct: { run: Direct | undefined } = { run: undefined }

const DONE: { done: true; value: unknown } = { done: true, value: undefined }
const ITERATOR = { next: () => DONE }

const ANSWERED = { [Symbol.iterator]: () => ITERATOR }

/** What `yield*` gets from a request that is answered already. Its one result is read before another is made. */
export const answered = <T>(value: T): Iterator<never, T, unknown> => {
  DONE.value = value
  return ITERATOR as Iterator<never, T, unknown>
}

/** The same for a step that was taken when it was made: nothing comes between that and its `yield*`. */
export const taken = <T>(value: T): Iterable<never, T> => {
  DONE.value = value
  return ANSWERED as Iterable<never, T>
}
