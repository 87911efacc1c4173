import type { Cell } from '../../../engine/model/memory.js'
import { atomic, fetchAdd, load, type Step, type Steps, store } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { tlb_flush } from '../../../machine/flush.js'
import { synchronize_rcu } from '../../../machine/rcu.js'
import type { Mm } from '../../include/mm.js'
import type { PageTable } from '../../include/page_table.js'
import type { Page } from '../../include/page.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import type { MmuGather } from '../../percpu.js'
import { mmu_notifier_invalidate_range } from '../mmu_notifier.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { put_page } from '../swap/folio_put.js'
import { free_swap_cache } from '../swapfile/folio_free_swap.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { pte_free } from '../pgtable.js'
import { table_freeing } from './table_freeing.js'
import { tlb_remove_table } from './tlb_remove_table.js'
import { tlb_remove_table_sync_one } from './tlb_remove_table_sync_one.js'
import { pt_reclaim } from '../memory/zap_empty_pte_table.js'

/** The range is empty: nothing to flush. */
const reset_range = (tlb: MmuGather): Step<void> =>
  atomic('__tlb_reset_range(tlb)', (m) => {
    m.set(tlb.start, kernel().taskSize)
    m.set(tlb.end, 0)
    m.set(tlb.freed_tables, 0)
    m.set(tlb.unshared_tables, 0)
  })

const inc_tlb_flush_pending = (mm: Mm): Step => fetchAdd(mm.tlb_flush_pending, 1, { label: 'inc_tlb_flush_pending(mm)' })

/** mm/mmu_gather.c:tlb_gather_mmu. `fullmm`: the whole address space goes. */
export function* tlb_gather_mmu(mm: Mm, fullmm = false): Steps<MmuGather> {
  return yield* __tlb_gather_mmu(kernel().perCpu[(yield* this_cpu()).index]!.tlb, mm, fullmm)
}

/** mm/mmu_gather.c:tlb_gather_mmu_vma: for one VMA of hugetlbfs, within another gather perhaps. */
export function* tlb_gather_mmu_vma(mm: Mm): Steps<MmuGather> {
  return yield* __tlb_gather_mmu(kernel().perCpu[(yield* this_cpu()).index]!.tlb_vma, mm, false)
}

function* __tlb_gather_mmu(tlb: MmuGather, mm: Mm, fullmm: boolean): Steps<MmuGather> {
  yield* store(tlb.fullmm, fullmm ? 1 : 0, { label: 'tlb->fullmm' })
  yield* store(tlb.vma_pfn, 0, { label: 'tlb->vma_pfn = 0' })
  yield* reset_range(tlb)
  if (!has('mutant-flush-pending-late')) yield* inc_tlb_flush_pending(mm)
  return tlb
}

/** include/asm-generic/tlb.h:tlb_remove_tlb_entry: [start, end) has to be flushed. */
export const tlb_flush_pte_range = (tlb: MmuGather, start: number, end: number): Step<void> =>
  atomic('tlb_remove_tlb_entry()', (m) => {
    m.set(tlb.start, Math.min(m.get(tlb.start), start))
    m.set(tlb.end, Math.max(m.get(tlb.end), end))
  })

/** A page in the batch: its pfn, and in bit 0 whether its mapping is still to be dropped. */
const encoded = (page: Page, delay_rmap: boolean): number => (page.pfn << 1) | (delay_rmap ? 1 : 0)

const batch_page = (tlb: MmuGather, page: Page, delay_rmap: boolean): Step<boolean> =>
  atomic('__tlb_remove_page(tlb, page)', (m) => {
    const nr = m.get(tlb.pages.nr)
    m.set(tlb.pages.pages[nr]!, encoded(page, delay_rmap))
    m.set(tlb.pages.nr, nr + 1)
    return nr + 1 === tlb.pages.pages.length
  })

/**
 * mm/mmu_gather.c:__tlb_remove_page_size. True when the batch is full and must be flushed. Where clearing an entry has
 * flushed it already, the page goes at once (MMU_GATHER_NO_GATHER).
 */
export function* __tlb_remove_page(tlb: MmuGather, page: Page, delay_rmap = false): Steps<boolean> {
  if (!kernel().profile.noGather) return yield* batch_page(tlb, page, delay_rmap)
  yield* free_swap_cache(page)
  yield* put_page(page)
  return false
}

function* flush_rmap(vma: Vma, entry: Cell): Steps {
  const encoded_page = yield* load(entry, { label: 'enc = batch->encoded_pages[i]' })
  if (!(encoded_page & 1)) return
  yield* page_remove_rmap(kernel().page(encoded_page >>> 1), vma, false)
  yield* store(entry, encoded_page & ~1, { label: 'batch->encoded_pages[i] = enc' })
}

/** mm/mmu_gather.c:tlb_flush_rmaps, since 6.2: after the flush, still under the page-table lock. */
export function* tlb_flush_rmaps(tlb: MmuGather, vma: Vma): Steps {
  const nr = yield* load(tlb.pages.nr, { label: 'batch->nr' })
  for (let i = 0; i < nr; i++) yield* flush_rmap(vma, tlb.pages.pages[i]!)
}

/** arch/arm64/include/asm/tlb.h:tlb_flush: cached upper levels go too. Elsewhere they do with any entry below them. */
function* unshared_walks(tlb: MmuGather): Steps<number> {
  if (kernel().geometry.hugetlbPages === 0 || kernel().profile.leafFlushDropsWalks || has('mutant-unsharing-unsaid')) return 0
  return yield* load(tlb.unshared_tables, { label: 'tlb->unshared_tables' })
}

/** include/asm-generic/tlb.h:tlb_flush_mmu_tlbonly */
export function* tlb_flush_mmu_tlbonly(mm: Mm, tlb: MmuGather): Steps {
  const start = yield* load(tlb.start, { label: 'tlb->start' })
  const end = yield* load(tlb.end, { label: 'tlb->end' })
  const freed_tables = ((yield* load(tlb.freed_tables, { label: 'tlb->freed_tables' })) || (yield* unshared_walks(tlb))) !== 0
  if (start >= end && !freed_tables) return
  const fullmm = (yield* load(tlb.fullmm, { label: 'tlb->fullmm' })) !== 0
  yield* tlb_flush(mm, start, end, { freed_tables: freed_tables && !has('mutant-tables-unsaid'), fullmm })
  yield* mmu_notifier_invalidate_range(mm, start, end)
  yield* reset_range(tlb)
}

/** mm/mmu_gather.c:tlb_batch_pages_flush and mm/swap_state.c:free_pages_and_swap_cache: drops the references of the unmapped pages. */
export function* tlb_batch_pages_flush(tlb: MmuGather): Steps {
  const nr = yield* load(tlb.pages.nr, { label: 'batch->nr' })
  if (nr && !has('unmap-without-drain')) yield* lru_add_drain()
  for (let i = 0; i < nr; i++) {
    const page = kernel().page((yield* load(tlb.pages.pages[i]!, { label: 'page = batch->pages[i]' })) >>> 1)
    yield* free_swap_cache(page)
    yield* put_page(page)
  }
  if (nr) yield* store(tlb.pages.nr, 0, { label: 'batch->nr = 0' })
}

/** mm/mmu_gather.c:tlb_table_invalidate. Before tables are handed on: no walker may have them cached when they go. */
export function* tlb_table_invalidate(mm: Mm, tlb: MmuGather): Steps {
  if (table_freeing() !== 'rcu' || !kernel().profile.tlbNeedsTableInvalidate || !has('d86564a2f085')) return
  yield* tlb_flush_mmu_tlbonly(mm, tlb)
}

/** mm/mmu_gather.c:tlb_table_flush */
export function* tlb_table_flush(mm: Mm, tlb: MmuGather): Steps {
  const nr = yield* load(tlb.tables.nr, { label: 'table batch->nr' })
  if (nr) yield* tlb_table_invalidate(mm, tlb)
  for (let i = 0; i < nr; i++) {
    const ref = yield* load(tlb.tables.pages[i]!, { label: 'table = batch->tables[i]' })
    yield* tlb_remove_table(kernel().tables.deref(ref))
  }
  if (nr) yield* store(tlb.tables.nr, 0, { label: 'table batch->nr = 0' })
}

/** mm/mmu_gather.c:tlb_flush_mmu: flush, then free tables, then pages. */
export function* tlb_flush_mmu(mm: Mm, tlb: MmuGather): Steps {
  yield* tlb_flush_mmu_tlbonly(mm, tlb)
  yield* tlb_table_flush(mm, tlb)
  yield* tlb_batch_pages_flush(tlb)
}

/** mm/mmu_gather.c:tlb_remove_table without memory for a batch, and tlb_remove_table_one: whoever may not sleep leaves it to RCU. */
function* remove_without_batch(mm: Mm, tlb: MmuGather, table: PageTable): Steps {
  yield* store(tlb.freed_tables, 1, { label: 'tlb->freed_tables = 1' })
  if (table_freeing() === 'pages') yield* tlb_flush_mmu_tlbonly(mm, tlb)
  else {
    if (has('0ed1325967ab')) yield* tlb_table_invalidate(mm, tlb)
    if (pt_reclaim()) return yield* tlb_remove_table(table)
    if (has('table-sync-rcu')) yield* synchronize_rcu()
    else yield* tlb_remove_table_sync_one()
  }
  yield* pte_free(table)
}

/** include/asm-generic/tlb.h:pte_free_tlb. A full batch of tables goes at once; without RCU tables are in the batch of pages. */
export function* pte_free_tlb(mm: Mm, tlb: MmuGather, table: PageTable, start: number, end: number): Steps {
  yield* tlb_flush_pte_range(tlb, start, end)
  const { geometry, profile } = kernel()
  if (profile.table_removed) yield* profile.table_removed(mm.context)
  if (geometry.gatherTables === 0) return yield* remove_without_batch(mm, tlb, table)
  const full = yield* atomic('pte_free_tlb(tlb, table)', (m) => {
    const nr = m.get(tlb.tables.nr)
    m.set(tlb.freed_tables, 1)
    m.set(tlb.tables.pages[nr]!, table.ref)
    m.set(tlb.tables.nr, nr + 1)
    return nr + 1 === tlb.tables.pages.length
  })
  if (!full) return
  if (table_freeing() === 'rcu') yield* tlb_table_flush(mm, tlb)
  else yield* tlb_flush_mmu(mm, tlb)
}

/**
 * mm/mmu_gather.c:tlb_finish_mmu. If another gather of this mm is under way it may have cleared entries that we
 * stepped over, so everything is flushed.
 */
export function* tlb_finish_mmu(mm: Mm, tlb: MmuGather): Steps {
  if (has('mutant-flush-pending-late')) yield* inc_tlb_flush_pending(mm)
  if (has('99baac21e458') && (yield* load(mm.tlb_flush_pending, { label: 'mm_tlb_flush_nested(mm)' })) > 1) {
    yield* atomic('tlb: full flush', (m) => {
      m.set(tlb.start, 0)
      m.set(tlb.end, kernel().taskSize)
      m.set(tlb.freed_tables, !has('7a30df49f63a') ? 0 : 1)
    })
  }
  yield* tlb_flush_mmu(mm, tlb)
  yield* fetchAdd(mm.tlb_flush_pending, -1, { label: 'dec_tlb_flush_pending(mm)' })
}

/**
 * include/asm-generic/tlb.h:tlb_free_vmas, since 6.17: before the first VMA of a call leaves its file. Whoever zaps by way of the file does not find it
 * any more, and takes memory of a PFN mapping for unmapped that a TLB still leads to.
 */
export function* tlb_free_vmas(mm: Mm, tlb: MmuGather): Steps {
  if (!has('free-vmas-flush') || !has('b67fbebd4cf9') || (yield* load(tlb.fullmm, { label: 'tlb->fullmm' }))) return
  if (yield* load(tlb.vma_pfn, { label: 'tlb->vma_pfn' })) yield* tlb_flush_mmu_tlbonly(mm, tlb)
}

/** include/asm-generic/tlb.h:tlb_end_vma. Where VMAs are merged into one flush, none here but until 6.17 for PFN mappings. */
export function* tlb_end_vma(mm: Mm, tlb: MmuGather): Steps {
  if (has('free-vmas-flush')) {
    if (!kernel().profile.mergeVmas) yield* tlb_flush_mmu_tlbonly(mm, tlb)
    return
  }
  const pfn = has('b67fbebd4cf9') && (yield* load(tlb.vma_pfn, { label: 'tlb->vma_pfn' }))
  if (!kernel().profile.mergeVmas || pfn) yield* tlb_flush_mmu_tlbonly(mm, tlb)
  // The next VMA says again what it is.
  if (pfn) yield* store(tlb.vma_pfn, 0, { label: 'tlb->vma_pfn = 0' })
}

