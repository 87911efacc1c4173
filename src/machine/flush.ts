import type { Steps } from '../engine/model/step.js'
import { this_cpu } from './cpu.js'
import type { AddressSpace, MmContext } from './mm-context.js'

/** What to flush: the addresses start <= va < end of one address space, in the unit the kernel model uses for them. */
export interface FlushRange {
  readonly start: number
  readonly end: number
  /** The kernel function asked: `flush_tlb_page`, `flush_tlb_range`/`_mm`, or `tlb_flush` of an mmu_gather. */
  readonly call: 'page' | 'range' | 'gather'
  /** Page tables were unlinked, so cached upper levels have to go too. */
  readonly freedTables: boolean
  /** The address space is being torn down. */
  readonly fullmm: boolean
}

export interface GatherFlushOptions {
  /** `tlb->freed_tables || tlb->unshared_tables`. Default false. */
  freed_tables?: boolean
  /** `tlb->fullmm`. Default false. */
  fullmm?: boolean
}

/** The end of every address space (TLB_FLUSH_ALL). */
const FLUSH_ALL = 0x7fffffff

const flushRange = (start: number, end: number, call: FlushRange['call']): FlushRange =>
  ({ start, end, call, freedTables: false, fullmm: false })

/** The leaf entry of one page. */
export const pageRange = (va: number): FlushRange => flushRange(va, va + 1, 'page')

/** All of an address space, cached upper levels included. */
export const everything: FlushRange = { start: 0, end: FLUSH_ALL, call: 'range', freedTables: true, fullmm: false }

/** The architecture's flush, and what kernels that flush secondary TLBs with the CPUs' add to it. */
export function* arch_flush(mm: MmContext, range: FlushRange): Steps {
  const { profile, afterFlush } = (yield* this_cpu()).machine
  yield* profile.flush(mm, range)
  if (afterFlush) yield* afterFlush(mm, range)
}

const flush = (mm: AddressSpace, range: FlushRange): Steps => arch_flush(mm.context, range)

/** Returns when no CPU uses a translation of start <= va < end that was taken out of the tables before the call. */
export function* flush_tlb_range(mm: AddressSpace, start: number, end: number): Steps {
  yield* flush(mm, flushRange(start, end, 'range'))
}

/** The leaf entry of one page. */
export function* flush_tlb_page(mm: AddressSpace, va: number): Steps {
  yield* flush(mm, pageRange(va))
}

/** The whole address space, cached upper levels included. */
export function* flush_tlb_mm(mm: AddressSpace): Steps {
  yield* flush(mm, everything)
}

/** `arch/.../asm/tlb.h:tlb_flush`: the flush of an mmu_gather. */
export function* tlb_flush(mm: AddressSpace, start: number, end: number, options: GatherFlushOptions = {}): Steps {
  const { freed_tables: freedTables = false, fullmm = false } = options
  yield* flush(mm, { start, end, call: 'gather', freedTables, fullmm })
}

/** `pmdp_collapse_flush` hands this to the profile: the range that one page table mapped. */
export const collapseRange = (start: number, end: number): FlushRange => flushRange(start, end, 'range')
