/** A thread was about to take a lock of one class while it held one of another. Plain data. */
export interface Dependency {
  /** Classes. */
  readonly from: string
  readonly to: string
  /** The first is held for reading, so that other readers do not wait for it. */
  readonly shared: boolean
  /** The second is taken by a reader that waits for writers only. */
  readonly recursive: boolean
  /** The second is taken for reading, by who did so first. */
  readonly reading: boolean
  /** Who did so first, how the locks were taken, and in which functions, outermost first. */
  readonly lane: string
  readonly held: Place
  readonly taken: Place
}

export interface Place {
  readonly label: string
  readonly calls: readonly string[]
}
