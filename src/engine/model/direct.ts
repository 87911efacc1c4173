import type { Access } from './memory.js'
import type { Steps } from './step.js'

/**
 * Set while model code runs with nobody else around (Sequential). It then runs in its plain form: making a step takes it and
 * gives its result, calling a function runs it and gives what it returns; there is no generator.
 */
export interface Direct {
  readonly access: Access
  readonly context: unknown
  /** The step could not be taken; throws. */
  stuck(step: string, why: string): never
  /** Takes a step or runs a call that was made before, or a generator that the transform has not seen. */
  answer(code: Steps<unknown>): unknown
}

export const direct: { run: Direct | undefined } = { run: undefined }

/** In a sequential run what makes a step gives its result, which the plain form of `yield*` takes as it is. */
export const immediate = <S extends Steps<unknown>>(result: S extends Steps<infer T> ? T : never): S => result as unknown as S
