import { ModelError, UserError } from '../engine/errors.js'
import type { Result } from '../engine/search/result.js'

/** What the command's exit status says. */
export const Exit = {
  holds: 0, violated: 1, usage: 2, incomplete: 3, model: 4, vacuous: 5, internal: 70, interrupted: 130,
} as const

/** The status for a result; `allowIncomplete` makes a search that found nothing but did not see everything a success. */
export function exitOf(result: Result, allowIncomplete: boolean): number {
  switch (result.verdict) {
    case 'holds':
      return Exit.holds
    case 'violated':
      return Exit.violated
    case 'not-found':
      if (result.stopped.bound === 'interrupted') return Exit.interrupted
      return allowIncomplete ? Exit.holds : Exit.incomplete
    case 'inconclusive':
      return Exit.incomplete
  }
}

/** The status and text for something thrown. */
export function failureOf(error: unknown): { code: number; text: string } {
  if (error instanceof UserError) return { code: Exit.usage, text: `mmrace: ${error.message}\n  hint: ${error.hint}` }
  if (error instanceof ModelError) {
    const cause = error.cause instanceof Error ? `\n${error.cause.stack ?? ''}` : ''
    return { code: Exit.model, text: `mmrace: the model failed: ${error.message}\n  hint: ${error.hint}${cause}` }
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: Exit.internal, text: `mmrace: a fault in mmrace itself, please report it\n${text}` }
}
