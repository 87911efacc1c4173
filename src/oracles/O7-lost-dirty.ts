import type { Access } from '../engine/model/memory.js'
import { dax_is_dirty } from '../kernel/fs/dax/dax_entry.js'
import { PG_dirty, PG_head } from '../kernel/include/page_flags.js'
import { VMW_BO_DIRTY_PAGETABLE, type VmwBo } from '../kernel/drivers/vmwgfx/vmw_bo.js'
import type { Page } from '../kernel/include/page.js'
import { pmd_pfn, pmd_present, pmd_trans_huge, pte_dirty, pte_pfn, pte_present } from '../kernel/include/pgtable.js'
import type { Kernel } from '../kernel/kernel.js'
import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'

/** The folio that holds the page keeps its flags. */
const folioOf = (m: Access, kernel: Kernel, page: Page): Page => {
  const head = m.get(page.compound_head)
  return head ? kernel.page(head - 1) : page
}

const pagesOf = (m: Access, kernel: Kernel, folio: Page): readonly Page[] =>
  Array.from({ length: !folio.hugetlb && m.get(folio.flags) & PG_head ? kernel.geometry.ptrsPerPte : 1 }, (_, i) => kernel.page(folio.pfn + i))

/** Whether an entry of some page table says that the page is dirty. */
const dirtyEntry = (m: Access, kernel: Kernel, page: Page): boolean =>
  kernel.mms.objects.some((mm) => mm.pgd.entries.some((entry) => {
    const pmd = m.get(entry)
    if (!pmd_present(pmd)) return false
    if (pmd_trans_huge(pmd)) return pte_dirty(pmd) && page.pfn >= pmd_pfn(pmd) && page.pfn < pmd_pfn(pmd) + kernel.geometry.ptrsPerPte
    return kernel.pmd_pgtable(pmd).entries.some((pte) => {
      const word = m.get(pte)
      return pte_present(word) && pte_dirty(word) && pte_pfn(word) === page.pfn
    })
  }))

/** SYSTEMS: no dirty bit is lost. */
export const O7: Oracle = {
  id: 'O7',
  name: ORACLE_NAMES.O7,
  text: `A page of a file is newer than what is on the disk, and nothing says so any more: the page-table entries, the page
and the page cache all say that it is clean. It will be dropped, and the write with it. Of a DAX file only the page cache counts, because fsync() asks nobody else.`,
  install(kernel) {
    const { memory } = kernel.machine
    const stored = kernel.memory.pages.map((page) => page && memory.ghost(`stored[${page.pfn}]`))
    // What is in hugetlbfs is nowhere else.
    const lost = (m: Access, page: Page): boolean =>
      !page.hugetlb && m.get(page.content) !== m.get(stored[page.pfn]!) && !(m.get(folioOf(m, kernel, page).flags) & PG_dirty) && !dirtyEntry(m, kernel, page)
    kernel.observers.push({
      writesBack(m, folio) {
        for (const page of pagesOf(m, kernel, folio)) m.set(stored[page.pfn]!, m.get(page.content))
      },
    })
    const dax = kernel.files.objects.filter((file) => file.dax_entries.length > 0)
    const cached = kernel.files.objects.filter((file) => !dax.includes(file))
      .flatMap((file) => file.i_pages.map((slot, index) => ({ file, slot, index })))
    /** Nobody links to a file of shmem; with its last user, or behind its end, what was written is meant to go. */
    const isDiscarded = (m: Access, { file, index }: (typeof cached)[number]): boolean => m.get(file.f_count) === 0 || index >= m.get(file.i_size)
    for (const place of cached) {
      memory.watch(place.slot, (m, _, before, after) => {
        const page = before && !after ? kernel.page(before - 1) : undefined
        if (page && !isDiscarded(m, place) && lost(m, page)) m.violate('O7', `page ${page.pfn} is dropped, and what was written to it never reached the disk`)
      })
    }
    const recorded = (m: Access, bo: VmwBo, page: Page): boolean =>
      (m.get(bo.start) < m.get(bo.end) && m.get(bo.bitmap) !== 0) || (m.get(bo.method) === VMW_BO_DIRTY_PAGETABLE && dirtyEntry(m, kernel, page))
    return (m) => {
      for (const bo of kernel.vmwBos) {
        const page = kernel.page(m.get(bo.base.pages))
        if (m.get(page.content) !== m.get(bo.device) && !recorded(m, bo, page)) {
          m.violate('O7', `page ${page.pfn} is newer than the device's copy, and counts as clean`)
        }
      }
      for (const file of dax) {
        for (const [i, slot] of file.i_pages.entries()) {
          const page = m.get(slot) ? kernel.page(m.get(slot) - 1) : undefined
          if (page && m.get(page.content) !== m.get(stored[page.pfn]!) && !dax_is_dirty(m, file, i)) {
            m.violate('O7', `page ${page.pfn} is newer than the medium, and its entry of the DAX file counts as clean`)
          }
        }
      }
      for (const { slot } of cached) {
        const page = m.get(slot) ? kernel.page(m.get(slot) - 1) : undefined
        if (page && lost(m, page)) m.violate('O7', `page ${page.pfn} is newer than the disk, and counts as clean`)
      }
    }
  },
}
