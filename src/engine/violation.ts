/** An oracle that does not hold, and how. */
export interface Violation {
  readonly oracle: string
  readonly message: string
}
