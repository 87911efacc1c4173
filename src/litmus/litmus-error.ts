import { UserError } from '../engine/errors.js'

/** A litmus file that cannot be read or run. `line` counts from 1 where known. */
export class LitmusError extends UserError {
  constructor(message: string, readonly line?: number, hint = 'docs/litmus.md says what is accepted', code = 'litmus-file') {
    super(code, line === undefined ? message : `line ${line}: ${message}`, hint)
  }
}

/** A litmus test too large to enumerate. The message names the limit. */
export class LimitError extends LitmusError {
  constructor(message: string, line?: number) {
    super(message, line, 'leave out what does not matter, or split the test', 'litmus-limit')
  }
}

/** The search for an answer ended at its limit. */
export class UndecidedError extends LitmusError {
  constructor(message: string) {
    super(message, undefined, 'leave out what does not matter, or split the test', 'litmus-undecided')
  }
}
