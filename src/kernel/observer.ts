import type { LockOp } from '../engine/model/lock.js'
import type { Access, Cell } from '../engine/model/memory.js'
import { atomic, type Step, type Steps } from '../engine/model/step.js'
import { type Cpu, this_cpu } from '../machine/cpu.js'
import type { AddressSpace } from './include/address_space.js'
import type { Mm } from './include/mm.js'
import type { Folio, Page } from './include/page.js'
import type { Vma } from './include/vma.js'
import { VM_DONTCOPY, VM_SHARED, VM_WIPEONFORK } from './include/vm_flags.js'
import { kernel } from './kernel.js'

/**
 * What a call promises of the mappings that were there when it began: none is left; none can be used, though the pages may stay in the
 * tables; or none allows writing.
 */
export type Promised = 'no access' | 'no use' | 'no write'

/** Told of what cells alone do not show: who was given what, and what was promised. Oracles are observers. */
export interface Observer {
  /** GUP is called on this CPU for the pages from `start` up to `end`. */
  gupStarts?(m: Access, cpu: Cpu, mm: Mm, start: number, end: number, flags: number): void
  /** GUP hands out the pages from `start` on; the caller holds a reference or pin to each. May be none. */
  gupReturns?(m: Access, cpu: Cpu, mm: Mm, start: number, pages: readonly Page[], flags: number): void
  /** A page that GUP gave is about to be given back on this CPU, as a FOLL_PIN or a plain reference. */
  unpins?(m: Access, cpu: Cpu, page: Page, pinned: boolean): void
  /** A device or a pin holder wrote to the page it was given for `address`. */
  writesThroughPin?(m: Access, page: Page, value: number): void
  /** The owner of the address space itself takes the mapping away: munmap, MADV_DONTNEED and the like. */
  unmaps?(m: Access, cpu: Cpu, mm: Mm, start: number, end: number): void
  /** The owner moves what is mapped to other addresses. */
  moves?(m: Access, cpu: Cpu, mm: Mm, start: number, end: number): void
  /** The owner moves what is mapped, but for what is pinned (UFFDIO_MOVE): it begins, and a page has come to its new address. */
  transfers?(m: Access, cpu: Cpu, mm: Mm, start: number, end: number): void
  transferred?(m: Access, mm: Mm, from: number, to: number): void
  /** The owner says that what is there may turn into zeroes, until he writes to it again: MADV_FREE begins, and is done. */
  mayBeDiscarded?(m: Access, mm: Mm, start: number, end: number): void
  /** A call on this CPU begins that will make a promise about the range: `mapped`, of what the page tables map, not of what a TLB has left over. */
  promiseStarts?(m: Access, cpu: Cpu, mm: Mm, start: number, end: number, mapped?: boolean): void
  /** From here on others rely on the promise of `api`. */
  promises?(m: Access, cpu: Cpu, mm: Mm, start: number, end: number, what: Promised, api: string): void
  /** A monitor has write-protected what is mapped in the range (UFFDIO_WRITEPROTECT), or is about to let it be written to again. */
  writeProtects?(m: Access, mm: Mm, start: number, end: number, on: boolean): void
  /** Nobody is to touch the range (MADV_GUARD_INSTALL), or he may again. */
  guards?(m: Access, mm: Mm, start: number, end: number, on: boolean): void
  /** fork() begins to copy to `child`, or has copied all and flushed. */
  forks?(m: Access, child: Mm, done: boolean): void
  /** A fault on this CPU has found this VMA of the mm and has its lock, without the mmap_lock; and has dropped it. */
  vmaReads?(m: Access, cpu: Cpu, mm: Mm, vma: Vma): void
  vmaReadEnds?(m: Access, cpu: Cpu): void
  /** Memory or a reference is used by somebody who has none: `what` says how. */
  misuses?(m: Access, what: string): void
  /** The allocator gets the page back, and gives it out. */
  frees?(m: Access, page: Page): void
  allocates?(m: Access, page: Page): void
  /** Somebody relies on what the page is: it must be in use. */
  usesPage?(m: Access, page: Page): void
  /** The kernel begins, or ends, to use the page's memory alone: meanwhile nobody else may reach it. */
  usesAlone?(m: Access, page: Page, begins: boolean): void
  /** The page has a new owner, who knows of none of those before. */
  reissues?(m: Access, page: Page): void
  /** Every subscriber has been told that a range of the address space is about to change. */
  invalidationStarted?(m: Access, mm: Mm, start: number, end: number): void
  /** The range has changed; subscribers are about to be told, and have been. */
  invalidationEnds?(m: Access, mm: Mm, start: number, end: number): void
  invalidationEnded?(m: Access, mm: Mm, start: number, end: number): void
  /** A device or guest reads or writes the page through a shadow entry. */
  deviceAccesses?(m: Access, page: Page): void
  /** A device or guest writes what is in this page, through a shadow entry, an IOMMU or a table of its own: whoever maps the page has it. */
  deviceStores?(m: Access, content: Cell, value: number): void
  /** A device writes to the page, by what its driver mapped for this address of user space. */
  deviceWrites?(m: Access, page: Page, value: number, mm: Mm, address: number): void
  /** This CPU does what may sleep. */
  mightSleep?(m: Access, cpu: Cpu): void
  /** A filesystem is told that a page which was in this file a moment ago is dirty. */
  dirties?(m: Access, mapping: AddressSpace, folio: Folio): void
  /** A filesystem gives the block that is this page (DAX) to whoever asks next. */
  freesBlock?(m: Access, page: Page): void
  /** What is in the page now is on its way to the disk. */
  writesBack?(m: Access, folio: Folio): void
}

/** Label of a step that only tells observers; tables leave it out. */
export const GUP_STARTS = '(gup starts)'
export const CALL_STARTS = '(call starts)'

/** Tells the observers, as a step of its own. `tell` is part of the step: it may capture values, and is not called later. */
export const observe = (label: string, tell: (observer: Observer, m: Access) => void, lock?: LockOp): Step<void> =>
  atomic(label, (m) => {
    for (const observer of kernel().observers) tell(observer, m)
  }, lock && { lock })

/** Before the first change of a call that ends with `promise`. */
export function* promise_starts(mm: Mm, start: number, end: number): Steps {
  const cpu = yield* this_cpu()
  yield* observe(CALL_STARTS, (o, m) => o.promiseStarts?.(m, cpu, mm, start, end))
}

/** The owner of the address space takes the mapping away: nothing that is written from here on has to be kept. */
export function* unmap_starts(mm: Mm, start: number, end: number): Steps {
  const cpu = yield* this_cpu()
  yield* observe(CALL_STARTS, (o, m) => {
    o.unmaps?.(m, cpu, mm, start, end)
    o.promiseStarts?.(m, cpu, mm, start, end)
  })
}

/** The owner of the address space moves the mapping to other addresses. */
export function* move_starts(mm: Mm, start: number, end: number): Steps {
  const cpu = yield* this_cpu()
  yield* observe(CALL_STARTS, (o, m) => {
    o.moves?.(m, cpu, mm, start, end)
    o.promiseStarts?.(m, cpu, mm, start, end, true)
  })
}

/** The owner of the address space moves what is mapped and not pinned. */
export function* transfer_starts(mm: Mm, start: number, end: number): Steps {
  const cpu = yield* this_cpu()
  yield* observe(CALL_STARTS, (o, m) => {
    o.transfers?.(m, cpu, mm, start, end)
    o.promiseStarts?.(m, cpu, mm, start, end)
  })
}

/** With the locks of both entries held: what was at `from` is at `to`. */
export const transferred = (mm: Mm, from: number, to: number): Step<void> =>
  observe('(moved)', (o, m) => o.transferred?.(m, mm, from, to))

/** What has been written in the range until now need not be kept. */
export const may_be_discarded = (mm: Mm, start: number, end: number): Step<void> =>
  observe('(may be discarded)', (o, m) => o.mayBeDiscarded?.(m, mm, start, end))

/** Where the caller of `api`, or whoever takes the lock that is dropped next, may rely on it. */
export function* promise(mm: Mm, start: number, end: number, what: Promised, api: string): Steps {
  const cpu = yield* this_cpu()
  yield* observe(`${api} done`, (o, m) => o.promises?.(m, cpu, mm, start, end, what, api))
}

/** What fork() write-protects in the parent: not what both go on to share, nor what the child does not get. */
function copied_on_write(m: Access, { mmap }: Mm): [start: number, end: number][] {
  const { vmas } = kernel()
  const ranges: [number, number][] = []
  for (let vma = vmas.at(m.get(mmap)); vma; vma = vmas.at(m.get(vma.vm_next))) {
    if (!(m.get(vma.vm_flags) & (VM_SHARED | VM_DONTCOPY | VM_WIPEONFORK))) ranges.push([m.get(vma.vm_start), m.get(vma.vm_end)])
  }
  return ranges
}

export function* fork_starts(parent: Mm, child: Mm): Steps {
  const cpu = yield* this_cpu()
  yield* observe(CALL_STARTS, (o, m) => {
    o.forks?.(m, child, false)
    for (const [start, end] of copied_on_write(m, parent)) o.promiseStarts?.(m, cpu, parent, start, end)
  })
}

/** Parent and child do not see each other's writes from here on. */
export function* fork_done(parent: Mm, child: Mm): Steps {
  const cpu = yield* this_cpu()
  yield* observe('fork() done', (o, m) => {
    o.promises?.(m, cpu, parent, 0, kernel().taskSize, 'no write', 'fork()')
    o.forks?.(m, child, true)
  })
}
