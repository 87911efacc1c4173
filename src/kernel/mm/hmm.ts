import type { Cell } from '../../engine/model/memory.js'
import { load, type Steps } from '../../engine/model/step.js'
import { EBUSY, EFAULT, EPERM } from '../include/errno.js'
import { FAULT_FLAG_WRITE, VM_FAULT_ERROR } from '../include/fault.js'
import type { Mm } from '../include/mm.js'
import type { MmuIntervalNotifier } from '../include/mmu_notifier.js'
import {
  is_swap_pmd, type Pmd, pmd_bad, pmd_none, pmd_pfn, pmd_trans_huge, type Pte, pte_none, pte_pfn, pte_present, pte_protnone, pte_write,
} from '../include/pgtable.js'
import {
  is_device_exclusive_entry, is_device_private_entry, is_genuine_swap_entry, is_migration_entry, SWP, swp_offset, swp_type,
} from '../include/swapops.js'
import { VM_IO, VM_PFNMAP, VM_READ, VM_WRITE } from '../include/vm_flags.js'
import type { Vma } from '../include/vma.js'
import { kernel } from '../kernel.js'
import { pmd_addr_end } from './addr_end.js'
import { find_vma } from './find_vma.js'
import { handle_mm_fault } from './memory/handle_mm_fault.js'
import { pte_map_may_fail, pte_offset_map_nolock, pte_unmap } from './memory/pte_lock.js'
import { vm_normal_page } from './memory/vm_normal_page.js'
import { migration_entry_wait, pmd_migration_entry_wait } from './migrate/migration_entry_wait.js'
import { mmu_interval_read_retry } from './mmu_interval_notifier.js'
import { pmd_offset, pmdp_get, pte_index, pte_lockptr, pte_offset_map, ptep_get } from './pgtable.js'

/* Elements of the result (include/linux/hmm.h): flags, and a page frame number above. */
export const HMM_PFN_VALID = 1
export const HMM_PFN_WRITE = 2
export const HMM_PFN_ERROR = 4
/** Mapped by a PMD (hmm_pfn_to_map_order). */
export const HMM_PFN_PMD = 8
export const hmm_pfn_to_pfn = (hmm_pfn: number): number => hmm_pfn >>> 4
const to_hmm_pfn = (pfn: number): number => pfn << 4

/** struct hmm_range. */
export interface HmmRange {
  readonly notifier: MmuIntervalNotifier
  readonly notifier_seq: number
  readonly start: number
  readonly end: number
  /** HMM_PFN_REQ_FAULT and HMM_PFN_REQ_WRITE; a snapshot takes no faults. */
  readonly fault: boolean
  readonly write: boolean
  /** Whose device-private memory need not be brought back. */
  readonly owner: object
}

/** A piece of the walk: what was found, or an error; -EBUSY after a fault, when the walk goes on from here. */
type Found = readonly number[] | number

const fill = (start: number, end: number, flags: number): readonly number[] => Array.from({ length: end - start }, () => flags)

const needs_write = (range: HmmRange, cpu_flags: number): boolean => range.fault && range.write && !(cpu_flags & HMM_PFN_WRITE)
/** mm/hmm.c:hmm_pte_need_fault */
const needs_fault = (range: HmmRange, cpu_flags: number): boolean =>
  range.fault && (needs_write(range, cpu_flags) || !(cpu_flags & HMM_PFN_VALID))

/** mm/hmm.c:hmm_vma_fault */
export function* hmm_vma_fault(mm: Mm, vma: Vma, start: number, end: number, write: boolean): Steps<number> {
  if (write && !((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & VM_WRITE)) return -EPERM
  for (let at = start; at < end; at++) {
    if ((yield* handle_mm_fault(mm, vma, at, write ? FAULT_FLAG_WRITE : 0)) & VM_FAULT_ERROR) return -EFAULT
  }
  return -EBUSY
}

/** mm/hmm.c:hmm_vma_walk_hole, in a VMA. */
export function* hmm_vma_walk_hole(mm: Mm, range: HmmRange, vma: Vma, start: number, end: number): Steps<Found> {
  if (!needs_fault(range, 0)) return fill(start, end, 0)
  return yield* hmm_vma_fault(mm, vma, start, end, needs_write(range, 0))
}

/** mm/hmm.c:hmm_vma_handle_pmd */
export function* hmm_vma_handle_pmd(mm: Mm, range: HmmRange, vma: Vma, pmd: Pmd, start: number, end: number): Steps<Found> {
  const flags = pte_protnone(pmd) ? 0 : HMM_PFN_VALID | HMM_PFN_PMD | (pte_write(pmd) ? HMM_PFN_WRITE : 0)
  if (needs_fault(range, flags)) return yield* hmm_vma_fault(mm, vma, start, end, needs_write(range, flags))
  return fill(start, end, flags).map((value, i) => value | to_hmm_pfn(pmd_pfn(pmd) + pte_index(start) + i))
}

const present_flags = (pte: Pte): number =>
  pte_protnone(pte) ? 0 : HMM_PFN_VALID | (pte_write(pte) ? HMM_PFN_WRITE : 0)

/** The device's own memory stays where it is; other entries that are not present may have to be faulted in. */
function* hmm_nonpresent(
  mm: Mm, range: HmmRange, vma: Vma, pmd: Pmd, ptep: Cell, pte: Pte, address: number, end: number,
): Steps<number> {
  if (is_device_private_entry(pte) && kernel().memory.pagemapOf(kernel().page(swp_offset(pte))) === range.owner) {
    return to_hmm_pfn(swp_offset(pte)) | HMM_PFN_VALID | (swp_type(pte) === SWP.DEVICE_WRITE ? HMM_PFN_WRITE : 0)
  }
  if (!needs_fault(range, 0)) return 0
  yield* pte_unmap()
  if (is_genuine_swap_entry(pte) || is_device_private_entry(pte) || is_device_exclusive_entry(pte)) {
    return yield* hmm_vma_fault(mm, vma, address, end, needs_write(range, 0))
  }
  if (!is_migration_entry(pte)) return -EFAULT
  yield* migration_entry_wait({ mm, vma, address, flags: 0, pmdp: pmd_offset(mm, address), ptep, ptl: pte_lockptr(pmd), orig_pte: pte })
  return -EBUSY
}

/**
 * mm/hmm.c:hmm_vma_handle_pte. No lock is held: a snapshot. An element of the result, or an error number. A fault is for all up to
 * `end`, device memory of the owner too, which then comes back. With an error the table is unmapped.
 */
export function* hmm_vma_handle_pte(mm: Mm, range: HmmRange, vma: Vma, pmd: Pmd, address: number, end: number): Steps<number> {
  const ptep = pte_offset_map(pmd, address)
  const pte = yield* ptep_get(ptep)
  if (!pte_none(pte) && !pte_present(pte)) return yield* hmm_nonpresent(mm, range, vma, pmd, ptep, pte, address, end)
  const flags = pte_none(pte) ? 0 : present_flags(pte)
  if (needs_fault(range, flags)) {
    yield* pte_unmap()
    return yield* hmm_vma_fault(mm, vma, address, end, needs_write(range, flags))
  }
  if (pte_none(pte)) return 0
  const zero = pte_pfn(pte) === kernel().memory.zeroPage.pfn
  if (!zero && !(yield* vm_normal_page(vma, address, pte))) {
    if (!range.fault) return HMM_PFN_ERROR
    yield* pte_unmap()
    return -EFAULT
  }
  return to_hmm_pfn(pte_pfn(pte)) | flags
}

/** mm/hmm.c:hmm_vma_walk_pmd. The elements up to the first error, which ends the piece. */
export function* hmm_vma_walk_pmd(mm: Mm, range: HmmRange, vma: Vma, start: number, end: number): Steps<readonly [readonly number[], number]> {
  for (;;) {
    const walked = yield* walk_pmd_once(mm, range, vma, start, end)
    if (walked) return walked
  }
}

/** Undefined: the table was gone before it was mapped; the entry is to be looked at again. */
function* walk_pmd_once(mm: Mm, range: HmmRange, vma: Vma, start: number, end: number): Steps<readonly [readonly number[], number] | undefined> {
  const pmdp = pmd_offset(mm, start)
  const pmd = yield* pmdp_get(pmdp)
  const whole = (found: Found): readonly [readonly number[], number] => (typeof found === 'number' ? [[], found] : [found, 0])
  if (pmd_none(pmd)) return whole(yield* hmm_vma_walk_hole(mm, range, vma, start, end))
  if (is_swap_pmd(pmd)) {
    if (!needs_fault(range, 0)) return [fill(start, end, 0), 0]
    yield* pmd_migration_entry_wait(mm, pmdp)
    return [[], -EBUSY]
  }
  if (pmd_trans_huge(pmd)) return whole(yield* hmm_vma_handle_pmd(mm, range, vma, pmd, start, end))
  if (pmd_bad(pmd)) return range.fault ? [[], -EFAULT] : [fill(start, end, HMM_PFN_ERROR), 0]
  const table = pte_map_may_fail() ? yield* pte_offset_map_nolock(pmdp) : pmd
  if (table === undefined) return undefined
  const found: number[] = []
  for (let at = start; at < end; at++) {
    const one = yield* hmm_vma_handle_pte(mm, range, vma, table, at, end)
    if (one < 0) return [found, one]
    found.push(one)
  }
  yield* pte_unmap()
  return [found, 0]
}

/** mm/pagewalk.c:walk_page_range, one piece: a hole between VMAs, a VMA that is not to be walked, or a part of one PMD. */
function* walk_piece(mm: Mm, range: HmmRange, at: number): Steps<readonly [readonly number[], number]> {
  const vma = yield* find_vma(mm, at)
  const start = vma ? yield* load(vma.vm_start, { label: 'vma->vm_start' }) : range.end
  if (!vma || at < start) return range.fault ? [[], -EFAULT] : [fill(at, Math.min(range.end, start), HMM_PFN_ERROR), 0]
  const end = Math.min(range.end, yield* load(vma.vm_end, { label: 'vma->vm_end' }))
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  if (vm_flags & (VM_IO | VM_PFNMAP) || !(vm_flags & VM_READ)) return range.fault ? [[], -EFAULT] : [fill(at, end, HMM_PFN_ERROR), 0]
  return yield* hmm_vma_walk_pmd(mm, range, vma, at, pmd_addr_end(at, end))
}

/**
 * mm/hmm.c:hmm_range_fault. What the CPU's page tables map, for each page; without references, so that it holds only
 * until the next invalidation. The mmap_lock is held for reading. An error number otherwise.
 */
export function* hmm_range_fault(mm: Mm, range: HmmRange): Steps<readonly number[] | number> {
  let pfns: readonly number[] = []
  if (yield* mmu_interval_read_retry(range.notifier, range.notifier_seq)) return -EBUSY
  while (range.start + pfns.length < range.end) {
    const [found, error] = yield* walk_piece(mm, range, range.start + pfns.length)
    pfns = [...pfns, ...found]
    if (error && error !== -EBUSY) return error
    if (error && (yield* mmu_interval_read_retry(range.notifier, range.notifier_seq))) return -EBUSY
  }
  return pfns
}
