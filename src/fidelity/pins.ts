import type { Page } from '../kernel/include/page.js'

/** What a slot of a process holds on to: plain references of a pipe, an io_uring buffer, or a pin of the observer. */
export interface Pin {
  readonly kind: 'pipe' | 'io_uring' | 'observer'
  readonly pages: readonly Page[]
}
