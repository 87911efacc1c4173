import type { Access } from '../engine/model/memory.js'
import type { Kernel } from '../kernel/kernel.js'

/** A condition that must hold in every state, or at the end of every run, of any modelled system. */
export interface Oracle {
  /** `O1` … `O18`. */
  readonly id: string
  /** Two or three words for tables: `lost write`. */
  readonly name: string
  /** What it means, for `mmrace explain`. */
  readonly text: string
  /** Checked only where a race asks for it: it tells of more than bugs. */
  readonly lint?: true
  /**
   * Lays out ghost cells and watchers for a kernel that has been set up, before its threads start.
   * May return a look at the state when all threads have ended.
   */
  install(kernel: Kernel): EndCheck | undefined
}

export type EndCheck = (m: Access) => void
