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
  ) {
    super(`${file}:${line}:${column}: ${problem}${hint ? `\n  hint: ${hint}` : ''}`)
  }
}
