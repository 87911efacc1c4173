/** A litmus file that cannot be read or run. `line` counts from 1 where known. */
export class LitmusError extends Error {
  constructor(message: string, readonly line?: number) {
    super(line === undefined ? message : `line ${line}: ${message}`)
    this.name = 'LitmusError'
  }
}

/** A litmus test too large to enumerate. The message names the limit. */
export class LimitError extends LitmusError {}

/** The search for an answer ended at its limit. */
export class UndecidedError extends LitmusError {}
