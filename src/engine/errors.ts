/** Something the user can put right: a wrong name, a broken file, an absurd size. */
export class UserError extends Error {
  override readonly name = 'UserError'
  constructor(
    /** Stable, for programs: `unknown-patch`. */
    readonly code: string,
    message: string,
    /** What to do about it. */
    readonly hint: string,
  ) {
    super(message)
  }
}

/** The model code itself failed: it threw, is not deterministic, or never ends. */
export class ModelError extends Error {
  override readonly name = 'ModelError'
  constructor(
    readonly code: 'threw' | 'not-deterministic' | 'does-not-close' | 'broke-a-rule',
    message: string,
    readonly hint: string,
    options?: { cause?: unknown },
  ) {
    super(message, options)
  }
}

/** What was thrown, in words: it need not be an error, and may be something that throws when it is asked. */
export const messageOf = (cause: unknown): string => {
  try {
    return cause instanceof Error ? String(cause.message) : String(cause)
  } catch {
    return 'something that has no text'
  }
}

/** What somebody else's code threw, as an error that says whose it was. What already says what to do about it stays. */
export const modelThrew = (what: string, cause: unknown, hint: string): UserError | ModelError =>
  (cause instanceof UserError || cause instanceof ModelError
    ? cause
    : new ModelError('threw', `${what} threw: ${messageOf(cause)}`, hint, { cause }))

/** A fault of mmrace. Please report it. */
export class InternalError extends Error {
  override readonly name = 'InternalError'
}
