import type { Cell } from '../../../engine/model/memory.js'
import { atomic, fetchAdd, load, type Steps, store } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import { MMF_VM_MERGEABLE } from '../../include/ksm.js'
import type { Mm } from '../../include/mm.js'
import { type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { pmd_pfn, pmd_present, pmd_trans_huge, type Pte, pte_none, pte_present } from '../../include/pgtable.js'
import { VM_MERGEABLE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { pmd_addr_end } from '../addr_end.js'
import { mmdrop } from '../fork/mm_count.js'
import { find_vma } from '../find_vma.js'
import { pte_offset_map_lock } from '../memory/pte_lock.js'
import { vm_normal_page } from '../memory/vm_normal_page.js'
import { pmd_lock, pmd_offset, pmd_unlock, pmdp_get, pte_index, ptep_get } from '../pgtable.js'
import { put_page } from '../swap/folio_put.js'
import { lru_add_drain_all } from '../swap/lru_add_drain.js'
import { list_del, list_of } from './cell_list.js'
import { cmp_and_merge_page } from './cmp_and_merge_page.js'
import { mm_next } from './ksm_enter.js'
import { get_next_rmap_item, remove_trailing_rmap_items } from './rmap_item.js'

/** An anonymous page and where it is mapped; with a reference. */
type Found = readonly [page: Page, address: number]

/** Takes a reference if the page is one that can be merged. */
function* take(page: Page | undefined): Steps<Page | undefined> {
  if (!page || kernel().memory.isDevice(page)) return undefined
  const folio = yield* compound_head(page)
  if (!((yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON)) return undefined
  yield* folio_get(folio)
  return page
}

function* scan_pte(vma: Vma, pte: Pte, address: number): Steps<Page | undefined> {
  if (pte_none(pte) || !pte_present(pte)) return undefined
  return yield* take(yield* vm_normal_page(vma, address, pte))
}

/** 'table': it is not huge any more. */
function* scan_huge(mm: Mm, pmdp: Cell, address: number): Steps<Found | 'table' | undefined> {
  yield* pmd_lock(mm)
  const pmd = yield* pmdp_get(pmdp)
  const huge = pmd_trans_huge(pmd)
  const head = kernel().page(pmd_pfn(pmd))
  const page = huge && head !== kernel().memory.hugeZeroPage ? yield* take(kernel().page(head.pfn + pte_index(address))) : undefined
  yield* pmd_unlock(mm)
  if (!huge && pmd_present(pmd)) return 'table'
  return page && [page, address]
}

/** mm/ksm.c:ksm_next_page_pmd_entry: the first page in [start, end) of one table. */
export function* ksm_next_page_pmd_entry(mm: Mm, vma: Vma, start: number, end: number): Steps<Found | undefined> {
  const pmdp = pmd_offset(mm, start)
  const pmd = yield* pmdp_get(pmdp)
  if (pmd === 0 || !pmd_present(pmd)) return undefined
  if (pmd_trans_huge(pmd)) {
    const huge = yield* scan_huge(mm, pmdp, start)
    if (huge !== 'table') return huge
  }
  const locked = yield* pte_offset_map_lock(pmdp, start)
  if (!locked) return undefined
  const { ptl, table } = locked
  let found: Found | undefined
  for (let at = start; at < end && !found; at++) {
    const page = yield* scan_pte(vma, yield* ptep_get(table.entries[pte_index(at)]!), at)
    if (page) found = [page, at]
  }
  yield* spin_unlock(ptl)
  return found
}

function* next_in_vma(mm: Mm, vma: Vma, start: number, end: number): Steps<Found | undefined> {
  for (let at = start; at < end; at = pmd_addr_end(at, end)) {
    const found = yield* ksm_next_page_pmd_entry(mm, vma, at, pmd_addr_end(at, end))
    if (found) return found
  }
  return undefined
}

/** The next page of the mm from an address on, and whether it has mergeable VMAs at all from there. */
function* next_page(mm: Mm, from: number): Steps<{ readonly found?: Found; readonly mergeable: boolean }> {
  let mergeable = false
  for (let at = from; ;) {
    const vma = yield* find_vma(mm, at)
    if (!vma) return { mergeable }
    const end = yield* load(vma.vm_end, { label: 'vma->vm_end' })
    if ((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & VM_MERGEABLE) {
      mergeable = true
      const start = Math.max(at, yield* load(vma.vm_start, { label: 'vma->vm_start' }))
      const found = (yield* load(vma.anon_vma, { label: 'vma->anon_vma' })) ? yield* next_in_vma(mm, vma, start, end) : undefined
      if (found) return { found, mergeable }
    }
    at = end
  }
}

/** The mm has nothing to merge any more, or has exited: ksmd forgets it. */
function* forget_mm(mm: Mm): Steps {
  yield* atomic('mm_slot_free(mm_slot)', (m) => {
    list_del(m, kernel().ksm.mm_list, mm_next, mm.ref)
    m.set(mm.flags, m.get(mm.flags) & ~MMF_VM_MERGEABLE)
  })
  yield* mmdrop(mm)
}

function* test_exit(mm: Mm): Steps<boolean> {
  return (yield* load(mm.mm_users, { label: 'ksm_test_exit(mm)' })) === 0
}

/** mm/ksm.c:scan_get_next_rmap_item, and what ksm_do_scan() does with each, for one mm. */
function* scan_mm(mm: Mm): Steps {
  let link = kernel().ksm.rmap_list[mm.ref - 1]!
  let address = 0
  let mergeable = false
  yield* mmap_read_lock(mm)
  while (!(yield* test_exit(mm))) {
    const next = yield* next_page(mm, address)
    mergeable ||= next.mergeable
    if (!next.found) break
    const [page, at] = next.found
    const item = yield* get_next_rmap_item(mm, link, at)
    link = item.rmap_list
    address = at + 1
    yield* mmap_read_unlock(mm)
    yield* cmp_and_merge_page(page, item)
    yield* put_page(page)
    yield* mmap_read_lock(mm)
  }
  const exited = yield* test_exit(mm)
  yield* remove_trailing_rmap_items(exited ? kernel().ksm.rmap_list[mm.ref - 1]! : link)
  yield* mmap_read_unlock(mm)
  if (exited || !mergeable) yield* forget_mm(mm)
}

/** mm/ksm.c:ksm_do_scan, one full scan of all address spaces. */
export function* ksm_do_scan(): Steps {
  const { ksm, mms } = kernel()
  yield* lru_add_drain_all()
  yield* store(ksm.unstable_tree, 0, { label: 'root_unstable_tree = RB_ROOT' })
  for (const ref of yield* atomic('ksm_mm_head', (m) => list_of(m, ksm.mm_list, mm_next))) yield* scan_mm(mms.deref(ref))
  yield* fetchAdd(ksm.seqnr, 1, { label: 'ksm_scan.seqnr++' })
}
