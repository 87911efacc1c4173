import type { Access, Cell } from '../engine/model/memory.js'
import { type Page, PAGE_MAPPING_ANON, PAGE_MAPPING_FLAGS } from '../kernel/include/page.js'
import type { PageTable } from '../kernel/include/page_table.js'
import { PFN_SHIFT, pmd_present, pmd_trans_huge, pte_present } from '../kernel/include/pgtable.js'
import type { Kernel } from '../kernel/kernel.js'
import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'
import { vmaAt } from './translate.js'
import { watchVmas } from './vma-locks.js'

/** SYSTEMS: structural sanity. */
export const O13: Oracle = {
  id: 'O13',
  name: ORACLE_NAMES.O13,
  text: `The page tables are no tree of tables: an entry points to a table that is free, or that another entry points to as
well, or to nothing that was ever a table; or private memory is mapped where nobody who looks for its mappings would find it; or the kernel has come upon a state that it declares impossible (BUG);
or a fault that holds the lock of a VMA, and not the mmap_lock, has one of another address space, or one that changes or is freed meanwhile.`,
  install(kernel) {
    const { memory } = kernel.machine
    const entries = kernel.mms.objects.flatMap((mm) => mm.pgd.entries)
    for (const entry of entries) {
      memory.watch(entry, (m, _, before, after) => {
        const now = after >>> PFN_SHIFT
        const same = pmd_present(before) && now === before >>> PFN_SHIFT
        if (!pmd_present(after) || pmd_trans_huge(after) || same) return
        const table = kernel.tables.at(now)
        if (!table) m.violate('O13', `an entry points to ${now}, which is no page table`)
        else if (m.get(table.table) === 0) m.violate('O13', `an entry points to table${now - 1}, which is free`)
        else {
          const others = entries.filter((other) => other !== entry && m.get(other) >>> PFN_SHIFT === now && !pmd_trans_huge(m.get(other)))
          if (others.length > m.get(table.pt_share_count)) m.violate('O13', `${others.length + 1} entries point to table${now - 1}`)
        }
      })
    }
    const checkPlace = (m: Access, page: Page, table: PageTable, n: number): void => {
      const index = indexOf(m, kernel, page)
      const place = index === undefined ? undefined : placeOf(m, kernel, entries, table.ref, n)
      if (place !== undefined && place !== index) m.violate('O13', `page ${page.pfn} is mapped at page ${place} of the memory it belongs to, and says that it is at ${index}`)
    }
    for (const table of kernel.tables.objects) {
      for (const [n, entry] of table.entries.entries()) {
        memory.watch(entry, (m, _, before, after) => {
          const page = pte_present(after) && after >>> PFN_SHIFT !== before >>> PFN_SHIFT ? kernel.memory.pages[after >>> PFN_SHIFT] : undefined
          if (page) checkPlace(m, page, table, n)
        })
      }
    }
    for (const page of kernel.memory.pages) {
      if (!page) continue
      memory.watch(page.index, (m) => {
        for (const table of kernel.tables.objects) {
          for (const [n, entry] of table.entries.entries()) {
            const pte = m.get(entry)
            if (pte_present(pte) && pte >>> PFN_SHIFT === page.pfn) checkPlace(m, page, table, n)
          }
        }
      })
    }
    watchVmas(kernel)
    return undefined
  },
}

/** Where a page of private memory says that it is; KSM has pages that are in many places. */
function indexOf(m: Access, kernel: Kernel, page: Page): number | undefined {
  const head = m.get(page.compound_head)
  const folio = head ? kernel.page(head - 1) : page
  return (m.get(folio.mapping) & PAGE_MAPPING_FLAGS) === PAGE_MAPPING_ANON ? m.get(folio.index) + page.pfn - folio.pfn : undefined
}

/** Where the n-th entry of a table is in the mapping that it belongs to. */
function placeOf(m: Access, kernel: Kernel, entries: readonly Cell[], table: number, n: number): number | undefined {
  const { ptrsPerPmd, ptrsPerPte } = kernel.geometry
  const at = entries.findIndex((entry) => pmd_present(m.get(entry)) && !pmd_trans_huge(m.get(entry)) && m.get(entry) >>> PFN_SHIFT === table)
  if (at < 0) return undefined
  const address = (at % ptrsPerPmd) * ptrsPerPte + n
  const vma = vmaAt(m, kernel, kernel.mms.objects[Math.floor(at / ptrsPerPmd)]!, address)
  return vma && m.get(vma.vm_pgoff) + address - m.get(vma.vm_start)
}
