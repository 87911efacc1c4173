import { PFN_SHIFT, pmd_present, pmd_trans_huge } from '../kernel/include/pgtable.js'
import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'

/** SYSTEMS: structural sanity. */
export const O13: Oracle = {
  id: 'O13',
  name: ORACLE_NAMES.O13,
  text: `The page tables are no tree of tables: an entry points to a table that is free, or that another entry points to as
well, or to nothing that was ever a table; or the kernel has come upon a state that it declares impossible (BUG).`,
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
    return undefined
  },
}
