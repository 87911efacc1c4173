import { UserError } from '../engine/errors.js'

/** A litmus file that cannot be read or run. `line` counts from 1 where known. */
export class LitmusError extends UserError {
  constructor(message: string, readonly line?: number, code = 'litmus-file') {
    super(code, line === undefined ? message : `line ${line}: ${message}`, 'docs/litmus.md says what is accepted')
  }
}

/** A litmus test too large to enumerate. The message names the limit. */
export class LimitError extends LitmusError {
  constructor(message: string, line?: number) {
    super(message, line, 'litmus-limit')
  }
}

/** The search for an answer ended at its limit. */
export class UndecidedError extends LitmusError {
  constructor(message: string) {
    super(message, undefined, 'litmus-undecided')
  }
}
