import type { Access } from '../engine/model/memory.js'
import { atomic, type Step } from '../engine/model/step.js'
import type { Mm } from './include/mm.js'
import type { Page } from './include/page.js'
import { kernel } from './kernel.js'
import type { Cpu } from '../machine/cpu.js'

/** Told of what cells alone do not show: who was given what, and what was promised. Oracles are observers. */
export interface Observer {
  /** GUP is called on this CPU for the pages from `start` up to `end`. */
  gupStarts?(m: Access, cpu: Cpu, mm: Mm, start: number, end: number, flags: number): void
  /** GUP hands out the pages from `start` on; the caller holds a reference or pin to each. May be none. */
  gupReturns?(m: Access, cpu: Cpu, mm: Mm, start: number, pages: readonly Page[], flags: number): void
  /** A FOLL_PIN is about to be given back. */
  unpins?(m: Access, page: Page): void
  /** A device or a pin holder wrote to the page it was given for `address`. */
  writesThroughPin?(m: Access, page: Page, value: number): void
  /** The owner of the address space itself takes the mapping away: munmap, MADV_DONTNEED and the like. */
  unmaps?(m: Access, mm: Mm, start: number, end: number): void
}

/** Label of a step that only tells observers; tables leave it out. */
export const GUP_STARTS = '(gup starts)'

/** Tells the observers, as a step of its own. `tell` is part of the step: it may capture values, and is not called later. */
export const observe = (label: string, tell: (observer: Observer, m: Access) => void): Step<void> =>
  atomic(label, (m) => {
    for (const observer of kernel().observers) tell(observer, m)
  })
