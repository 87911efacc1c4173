import type { Cell } from '../../../engine/model/memory.js'
import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { MIGRATE_PFN_MIGRATE, type MigrateVma } from '../../include/migrate_vma.js'
import { PG_uptodate } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { pfn_pte, pmd_trans_huge, type Pte, pte_mkdirty, pte_mkwrite, pte_none, pte_pfn, pte_present } from '../../include/pgtable.js'
import { SWP, swp_entry } from '../../include/swapops.js'
import { VM_WRITE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { pte_offset_map_lock } from '../memory/pte_lock.js'
import { folio_migrate_flags } from '../migrate/folio_migrate_copy.js'
import { folio_mapping, folio_migrate_mapping } from '../migrate/folio_migrate_mapping.js'
import { remove_migration_ptes } from '../migrate/remove_migration_ptes.js'
import { mmu_notifier_invalidate_range, mmu_notifier_invalidate_range_only_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { pmd_offset, pmdp_get, pte_alloc, ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_clear_flush } from '../pgtable_generic.js'
import { pmd_of_table } from '../pmd_trans_unstable.js'
import { page_add_new_anon_rmap } from '../rmap/add_anon_rmap.js'
import { anon_vma_prepare } from '../rmap/anon_vma.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_add_lru } from '../swap/lru_add.js'
import { lru_cache_add_inactive_or_unevictable } from '../swap/lru_cache_add_inactive_or_unevictable.js'
import { is_locked_by_fault } from './is_locked_by_fault.js'
import { migrate_pfn_to_page } from './migrate_device_unmap.js'

function* new_entry(vma: Vma, page: Page): Steps<Pte> {
  const write = ((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & VM_WRITE) !== 0
  if (kernel().memory.isDevicePrivate(page)) return swp_entry(write ? SWP.DEVICE_WRITE : SWP.DEVICE_READ, page.pfn)
  const pte = pfn_pte(page.pfn, yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' }))
  return write ? pte_mkwrite(pte_mkdirty(pte)) : pte
}

/** Under the page-table lock. False if somebody else has filled the hole. */
function* map_new(args: MigrateVma, ptep: Cell, address: number, page: Page, entry: Pte): Steps<boolean> {
  const old = yield* ptep_get(ptep)
  const zero = pte_present(old) && pte_pfn(old) === kernel().memory.zeroPage.pfn
  if (!zero && !pte_none(old)) return false
  yield* page_add_new_anon_rmap(page, args.vma, address)
  if (!kernel().memory.isDevice(page)) yield* lru_cache_add_inactive_or_unevictable(page, args.vma)
  yield* folio_get(page)
  if (zero) {
    yield* ptep_clear_flush(args.mm, address, ptep)
    yield* mmu_notifier_invalidate_range(args.mm, address, address + 1)
  }
  yield* set_pte_at(ptep, entry)
  return true
}

/** mm/migrate_device.c:migrate_vma_insert_page: a new page where there was none, or the zero page. */
export function* migrate_vma_insert_page(args: MigrateVma, address: number, page: Page): Steps<boolean> {
  if (yield* load(args.vma.vm_file, { label: 'vma_is_anonymous(vma)' })) return false
  const pmdp = pmd_offset(args.mm, address)
  if (pmd_trans_huge(yield* pmdp_get(pmdp))) return false
  yield* pte_alloc(args.mm, pmdp)
  if ((yield* pmd_of_table(pmdp)) === undefined) return false
  yield* anon_vma_prepare(args.vma)
  yield* setBits(page.flags, PG_uptodate, { label: '__SetPageUptodate(page)' })
  const entry = yield* new_entry(args.vma, page)
  const locked = yield* pte_offset_map_lock(pmdp, address)
  if (!locked) return false
  const { ptep, ptl } = locked
  const done = yield* map_new(args, ptep, address, page, entry)
  yield* spin_unlock(ptl)
  return done
}

/** The struct page changes its place; the driver has copied the content. */
function* migrate_one(dst: Page, src: Page, fault_page: Page | undefined): Steps<boolean> {
  const mapping = yield* folio_mapping(src)
  if (mapping && kernel().memory.isDevice(dst)) return false
  if (!(yield* folio_migrate_mapping(mapping, dst, src, src === fault_page ? 1 : 0))) return false
  yield* folio_migrate_flags(dst, src)
  return true
}

/**
 * mm/migrate_device.c:migrate_device_pages, and migrate_vma_pages() with `args`. The src array, without
 * MIGRATE_PFN_MIGRATE where it did not work. The point of no return for the others.
 */
export function* migrate_device_pages(
  src: readonly number[], dst: readonly number[], args?: MigrateVma,
): Steps<readonly number[]> {
  const result: number[] = []
  let notified = -1
  for (const [i, mpfn] of src.entries()) {
    const to = migrate_pfn_to_page(dst[i]!)
    const from = migrate_pfn_to_page(mpfn)
    let done = false
    if (to && from) done = yield* migrate_one(to, from, args?.fault_page)
    else if (to && args && mpfn & MIGRATE_PFN_MIGRATE) {
      const address = args.start + i
      if (notified < 0) {
        notified = address
        yield* mmu_notifier_invalidate_range_start(args.mm, address, args.end, 'migrate', args.owner)
      }
      done = yield* migrate_vma_insert_page(args, address, to)
    }
    result.push(done ? mpfn : mpfn & ~MIGRATE_PFN_MIGRATE)
  }
  if (args && notified >= 0) yield* mmu_notifier_invalidate_range_only_end(args.mm, notified, args.end)
  return result
}

function* unlock_and_put(page: Page): Steps {
  yield* folio_unlock(page)
  yield* folio_put(page)
}

/** One element: maps the new page where the old one was, or the old one again. */
function* finalize_one(mpfn: number, to: Page | undefined, from: Page | undefined, fault_page: Page | undefined): Steps {
  if (!from) {
    if (to) yield* unlock_and_put(to)
    return
  }
  const moved = to !== undefined && (mpfn & MIGRATE_PFN_MIGRATE) !== 0
  if (to && !moved) yield* has('mutant-finalize-keeps-destination') ? folio_unlock(to) : unlock_and_put(to)
  const now = moved ? to : from
  if (!kernel().memory.isDevice(now)) yield* folio_add_lru(now)
  yield* remove_migration_ptes(from, now, false)
  yield* is_locked_by_fault(from, fault_page) ? folio_put(from) : unlock_and_put(from)
  if (moved) yield* unlock_and_put(to)
}

/** mm/migrate_device.c:migrate_device_finalize, and migrate_vma_finalize() with the page of the fault. */
export function* migrate_device_finalize(src: readonly number[], dst: readonly number[], fault_page?: Page): Steps {
  for (const [i, mpfn] of src.entries()) yield* finalize_one(mpfn, migrate_pfn_to_page(dst[i]!), migrate_pfn_to_page(mpfn), fault_page)
}
