import { ModelError, UserError } from '../engine/errors.js'
import type { Outcome } from '../race/check.js'
import { isVacuous } from '../race/is-vacuous.js'

/** What the command's exit status says. */
export const Exit = {
  holds: 0, violated: 1, usage: 2, incomplete: 3, model: 4, vacuous: 5, internal: 70, interrupted: 130,
} as const

/** The status for a result; `allowIncomplete` makes a search that found nothing but did not see everything a success. */
export function exitOf(outcome: Outcome, allowIncomplete: boolean): number {
  const { result } = outcome
  switch (result.verdict) {
    case 'holds':
      return isVacuous(outcome) ? Exit.vacuous : Exit.holds
    case 'violated':
      return Exit.violated
    case 'not-found':
      if (result.stopped.bound === 'interrupted') return Exit.interrupted
      return allowIncomplete ? Exit.holds : Exit.incomplete
    case 'inconclusive':
      return Exit.incomplete
  }
}

/** Which of several statuses says most: what ended the run, then what was found, then what was not looked at. */
const WEIGHT: readonly number[] = [Exit.interrupted, Exit.violated, Exit.incomplete, Exit.vacuous]
export const worstOf = (statuses: readonly number[]): number => WEIGHT.find((status) => statuses.includes(status)) ?? Exit.holds

/** What the engine of JavaScript says when there is no room for a memory or an array. */
const NO_MEMORY = /could not allocate memory|Out of memory|Array buffer allocation failed|Cannot allocate/i

/** What the operating system refuses: a full disk, a folder that may not be written to. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'code' in error && 'errno' in error

/** What was thrown in a worker, told here. */
export class WorkerFailure extends Error {
  constructor({ code, text }: { readonly code: number; readonly text: string }) {
    super(text)
    this.code = code
  }

  readonly code: number
}

/** The status and text for something thrown. */
export function failureOf(error: unknown): { code: number; text: string } {
  if (error instanceof WorkerFailure) return { code: error.code, text: error.message }
  if (error instanceof UserError) return { code: Exit.usage, text: `mmrace: ${error.message}\n  hint: ${error.hint}` }
  if (error instanceof ModelError) {
    const cause = error.cause instanceof Error ? `\n${error.cause.stack ?? ''}` : ''
    return { code: Exit.model, text: `mmrace: the model failed: ${error.message}\n  hint: ${error.hint}${cause}` }
  }
  if (isSystemError(error)) {
    return { code: Exit.usage, text: `mmrace: ${error.message}\n  hint: the system refuses; look at the path, at who may do what there, and at what room there is` }
  }
  if (error instanceof RangeError && NO_MEMORY.test(error.message)) {
    return { code: Exit.usage, text: `mmrace: there is not enough memory: ${error.message}\n  hint: a search needs address space (ulimit -v) and memory; --max-memory bounds what it takes` }
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: Exit.internal, text: `mmrace: a fault in mmrace itself, please report it\n${text}` }
}
