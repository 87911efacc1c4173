/** What a module does not export. */
export interface Missing {
  readonly module: string
  readonly name: string
}

/** Model code that cannot be instrumented soundly, or cannot be parsed at all. */
export class InstrumentError extends Error {
  override readonly name = 'InstrumentError'
  constructor(
    readonly problem: string,
    readonly file: string,
    /** 1-based. */
    readonly line: number,
    /** 1-based. */
    readonly column: number,
    /** What to write instead. */
    readonly hint?: string,
    /** A name that a module was asked for and does not export. */
    readonly missing?: Missing,
  ) {
    super(`${file}:${line}:${column}: ${problem}${hint ? `\n  hint: ${hint}` : ''}`)
  }
}
