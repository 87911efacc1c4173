import type { Cell } from '../../../engine/model/memory.js'
import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { no_step } from '../../../machine/entry.js'
import { flush_tlb_page, flush_tlb_range } from '../../../machine/flush.js'
import { compound_head, PageCompound } from '../../include/compound.js'
import { migration_entry_of, migration_entry_of_device } from '../../include/migration_entry.js'
import {
  MIGRATE_PFN_MIGRATE, MIGRATE_PFN_WRITE, migrate_pfn, MIGRATE_VMA_SELECT_DEVICE_COHERENT, MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
  MIGRATE_VMA_SELECT_SYSTEM, type MigrateVma,
} from '../../include/migrate_vma.js'
import { PG_anon_exclusive, PG_dirty } from '../../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import {
  type Pmd, pmd_none, pmd_pfn, pmd_trans_huge, type Pte, pte_dirty, pte_none, pte_pfn, pte_present, pte_write,
} from '../../include/pgtable.js'
import { is_device_private_entry, SWP, swp_offset, swp_type } from '../../include/swapops.js'
import { bug } from '../../bug.js'
import { has, kernel } from '../../kernel.js'
import { folio_lock, folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { lock_page_table } from '../memory/pte_lock.js'
import { pmd_addr_end } from '../addr_end.js'
import { split_huge_page } from '../huge_memory/split_huge_page.js'
import { __split_huge_pmd } from '../huge_memory/split_huge_pmd.js'
import { vm_normal_page } from '../memory/vm_normal_page.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { pmd_lock, pmd_offset, pmd_unlock, pmdp_get, pte_lockptr, pte_offset_map, ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_clear_flush, ptep_get_and_clear } from '../pgtable_generic.js'
import { pmd_of_table } from '../pmd_trans_unstable.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { page_try_share_anon_rmap } from '../rmap/share_anon_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { is_locked_by_fault } from './is_locked_by_fault.js'

/**
 * How far a walk of one table has come: elements of the src array, and whether an entry was taken away that is not flushed yet. `large`:
 * a folio that is to be split before it goes on.
 */
interface Walked {
  readonly mpfns: readonly number[]
  readonly unmapped: boolean
  readonly large?: Folio | undefined
}

/** The element of the src array, and whether a present entry was taken away. */
type Collected = readonly [mpfn: number, unmapped: boolean]

const SKIP: Collected = [0, false]
const HOLE: Collected = [MIGRATE_PFN_MIGRATE, false]

function* is_anonymous(args: MigrateVma): Steps<boolean> {
  return (yield* load(args.vma.vm_file, { label: 'vma_is_anonymous(vma)' })) === 0
}

/** Whether pages of this kind were asked for. */
const selected = (args: MigrateVma, page: Page): boolean => {
  const { memory } = kernel()
  if (!memory.isDevice(page)) return (args.flags & MIGRATE_VMA_SELECT_SYSTEM) !== 0
  const kind = memory.isDevicePrivate(page) ? MIGRATE_VMA_SELECT_DEVICE_PRIVATE : MIGRATE_VMA_SELECT_DEVICE_COHERENT
  return (args.flags & kind) !== 0 && memory.pagemapOf(page) === args.owner
}

/** Takes the mapping of a locked page away. Undefined if the page may be pinned: the mapping stays. */
function* unmap_one(args: MigrateVma, ptep: Cell, address: number, page: Page): Steps<Pte | undefined> {
  const { mm, vma } = args
  const anon = (yield* load(page.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON
  const exclusive = anon !== 0 && ((yield* load(page.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive) !== 0
  const pte = exclusive ? yield* ptep_clear_flush(mm, address, ptep) : yield* ptep_get_and_clear(mm, address, ptep)
  if (exclusive && !(yield* page_try_share_anon_rmap(page, page))) {
    yield* set_pte_at(ptep, pte)
    return undefined
  }
  if (pte_present(pte) && pte_dirty(pte) && has('fd35ca3d12cc')) {
    yield* setBits(page.flags, PG_dirty, { label: 'folio_mark_dirty(folio)' })
  }
  const entry = pte_present(pte) ? migration_entry_of(pte, page.pfn, exclusive) : migration_entry_of_device(pte, page.pfn, exclusive)
  yield* set_pte_at(ptep, entry)
  yield* page_remove_rmap(page, vma, false)
  yield* folio_put(page)
  return pte
}

/** A page that is mapped, or a device's that would be: takes a reference and the lock. */
function* collect_page(args: MigrateVma, ptep: Cell, address: number, page: Page, write: boolean): Steps<Collected> {
  if (!(yield* load(page.mapping, { label: 'page->mapping' })) || (yield* PageCompound(page))) return SKIP
  yield* folio_get(page)
  const locked = is_locked_by_fault(page, args.fault_page)
  if (!locked && !(yield* folio_trylock(page))) {
    yield* folio_put(page)
    return SKIP
  }
  const pte = yield* unmap_one(args, ptep, address, page)
  if (pte === undefined) {
    if (!locked) yield* folio_unlock(page)
    if (!has('mutant-collect-keeps-reference')) yield* folio_put(page)
    return SKIP
  }
  return [migrate_pfn(page.pfn) | MIGRATE_PFN_MIGRATE | (write ? MIGRATE_PFN_WRITE : 0), pte_present(pte)]
}

/** One round of the loop of migrate_vma_collect_pmd(). */
function* collect_pte(args: MigrateVma, ptep: Cell, address: number): Steps<Collected> {
  const pte = yield* ptep_get(ptep)
  if (pte_none(pte)) return (yield* is_anonymous(args)) ? HOLE : SKIP
  if (!pte_present(pte)) {
    if (!is_device_private_entry(pte)) return SKIP
    const page = kernel().page(swp_offset(pte))
    return selected(args, page) ? yield* collect_page(args, ptep, address, page, swp_type(pte) === SWP.DEVICE_WRITE) : SKIP
  }
  if (pte_pfn(pte) === kernel().memory.zeroPage.pfn && args.flags & MIGRATE_VMA_SELECT_SYSTEM) return HOLE
  const page = yield* vm_normal_page(args.vma, address, pte)
  return page && selected(args, page) ? yield* collect_page(args, ptep, address, page, pte_write(pte)) : SKIP
}

/** Part of a large folio that is to be migrated: with a reference, which keeps it from going when the lock is dropped. */
function* large_folio_at(args: MigrateVma, ptep: Cell, address: number): Steps<Folio | undefined> {
  const pte = yield* ptep_get(ptep)
  if (!pte_present(pte) || pte_pfn(pte) === kernel().memory.zeroPage.pfn) return undefined
  const page = yield* vm_normal_page(args.vma, address, pte)
  if (!page || !selected(args, page) || !(yield* PageCompound(page))) return undefined
  const folio = yield* compound_head(page)
  yield* folio_get(folio)
  return folio
}

/** mm/migrate_device.c:migrate_vma_split_folio, with no page-table lock held: it waits for the lock of the folio. */
export function* migrate_vma_split_folio(folio: Folio): Steps<boolean> {
  yield* folio_lock(folio)
  const error = yield* split_huge_page(folio)
  yield* folio_unlock(folio)
  yield* folio_put(folio)
  return error === 0
}

const flush_unmapped = (args: MigrateVma, start: number, end: number, unmapped: boolean): Steps =>
  unmapped ? flush_tlb_range(args.mm, start, end) : no_step()

/** From where it stands, under the lock of the table. */
function* collect_until_large(args: MigrateVma, pmd: Pmd, before: Walked, start: number, end: number): Steps<Walked> {
  const mpfns = [...before.mpfns]
  let { unmapped } = before
  for (let at = start + mpfns.length; at < end; at++) {
    const large = yield* large_folio_at(args, pte_offset_map(pmd, at), at)
    if (large) {
      if (has('collect-flushes-before-gap')) yield* flush_unmapped(args, start, end, unmapped)
      return { mpfns, unmapped, large }
    }
    const [mpfn, taken] = yield* collect_pte(args, pte_offset_map(pmd, at), at)
    mpfns.push(mpfn)
    unmapped ||= taken
  }
  yield* flush_unmapped(args, start, end, unmapped)
  return { mpfns, unmapped }
}

/**
 * The same of 7.3: a large folio is split when its turn comes, for which the lock of the table is dropped, and taken again to go on. What
 * was cleared before has not been flushed then. If there is no table any more all of the range is a hole, from its start.
 */
function* collect_with_splits(args: MigrateVma, pmdp: Cell, start: number, end: number): Steps<readonly number[]> {
  let walked: Walked = { mpfns: [], unmapped: false }
  for (;;) {
    const { mpfns } = walked
    const left = end - start - (has('collect-restarts-here') ? mpfns.length : 0)
    if (pmd_none(yield* pmdp_get(pmdp))) return [...mpfns, ...Array.from({ length: left }, () => MIGRATE_PFN_MIGRATE)]
    const table = yield* pmd_of_table(pmdp)
    const pmd = table === undefined ? undefined : yield* lock_page_table(pmdp, table)
    if (pmd === undefined) continue
    walked = yield* collect_until_large(args, pmd, walked, start, end)
    yield* spin_unlock(pte_lockptr(pmd))
    if (!walked.large) return walked.mpfns
    if (yield* migrate_vma_split_folio(walked.large)) continue
    yield* flush_unmapped(args, start, end, walked.unmapped)
    return [...walked.mpfns, ...Array.from({ length: end - start - walked.mpfns.length }, () => 0)]
  }
}

/** Undefined: the table has been taken away since it was seen. */
function* collect_table(args: MigrateVma, pmdp: Cell, seen: Pmd, start: number, end: number): Steps<readonly number[] | undefined> {
  const mpfns: number[] = []
  let unmapped = false
  const early = has('mutant-collect-flush-first')
  const pmd = yield* lock_page_table(pmdp, seen)
  if (pmd === undefined) return undefined
  for (let at = start; at < end; at++) {
    if (early) yield* flush_tlb_page(args.mm, at)
    const [mpfn, taken] = yield* collect_pte(args, pte_offset_map(pmd, at), at)
    mpfns.push(mpfn)
    unmapped ||= taken
  }
  if (unmapped && has('60bae7370896') && !early) yield* flush_tlb_range(args.mm, start, end)
  yield* spin_unlock(pte_lockptr(pmd))
  if (unmapped && !has('60bae7370896')) yield* flush_tlb_range(args.mm, start, end)
  return mpfns
}

/** Only small pages can be migrated: splits a huge one. False: leave this range alone. */
function* split_huge(args: MigrateVma, pmdp: Cell, address: number): Steps<boolean> {
  yield* pmd_lock(args.mm)
  const pmd = yield* pmdp_get(pmdp)
  if (!pmd_trans_huge(pmd)) {
    yield* pmd_unlock(args.mm)
    return true
  }
  const page = kernel().page(pmd_pfn(pmd))
  if (page === kernel().memory.hugeZeroPage) {
    yield* pmd_unlock(args.mm)
    yield* __split_huge_pmd(args.mm, args.vma, pmdp, address, false)
    return true
  }
  yield* folio_get(page)
  yield* pmd_unlock(args.mm)
  if (!(yield* folio_trylock(page))) return false
  const split = yield* split_huge_page(page)
  yield* folio_unlock(page)
  yield* folio_put(page)
  return split === 0
}

/** mm/migrate_device.c:migrate_vma_collect_pmd, _hole and _skip. */
export function* migrate_vma_collect_pmd(args: MigrateVma, start: number, end: number): Steps<readonly number[]> {
  for (;;) {
    const mpfns = yield* collect_pmd(args, start, end)
    if (mpfns) return mpfns
  }
}

/** One look at the entry. Undefined: another one is due. */
function* collect_pmd(args: MigrateVma, start: number, end: number): Steps<readonly number[] | undefined> {
  const pmdp = pmd_offset(args.mm, start)
  const skipped = Array.from({ length: end - start }, () => 0)
  if (pmd_trans_huge(yield* pmdp_get(pmdp)) && !(yield* split_huge(args, pmdp, start))) return skipped
  if (pmd_none(yield* pmdp_get(pmdp))) return (yield* is_anonymous(args)) ? skipped.map(() => MIGRATE_PFN_MIGRATE) : skipped
  if (has('migrate-thp')) return yield* collect_with_splits(args, pmdp, start, end)
  const table = yield* pmd_of_table(pmdp)
  return table === undefined ? skipped : yield* collect_table(args, pmdp, table, start, end)
}

/** mm/migrate_device.c:migrate_vma_collect: migration entries instead of what is mapped. The src array. */
export function* migrate_vma_collect(args: MigrateVma): Steps<readonly number[]> {
  const { mm, start, end } = args
  let mpfns: readonly number[] = []
  yield* mmu_notifier_invalidate_range_start(mm, start, end, 'migrate', args.owner)
  for (let at = start; at < end;) {
    const next = pmd_addr_end(at, end)
    mpfns = [...mpfns, ...(yield* migrate_vma_collect_pmd(args, at, next))]
    if (mpfns.length > next - start) yield* bug('migrate_vma_collect() writes past the end of the src array')
    at = next
  }
  yield* mmu_notifier_invalidate_range_end(mm, start, end)
  return mpfns
}
