import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'

/** SYSTEMS: no use after free of page tables. */
export const O3: Oracle = {
  id: 'O3',
  name: ORACLE_NAMES.O3,
  text: `A page of page-table entries is read as a table, by a walker in software or hardware, after it was freed: it may
hold anything by then, and what is read from it is taken for an entry. Or somebody takes its lock, which went with it.`,
  install(kernel) {
    const { memory, tlb } = kernel.machine
    for (const [i, table] of kernel.tables.objects.entries()) {
      for (const entry of table.entries) {
        memory.watchReads(entry, (m) => {
          if (m.get(table.table) === 0) m.violate('O3', `an entry of table${i} is read after the table was freed`)
        })
      }
      memory.watch(table.ptl, (m, _, __, after) => {
        if (after !== 0 && m.get(table.table) === 0) m.violate('O3', `table${i} is locked after it was freed`)
      })
    }
    for (const [i, table] of kernel.tables.objects.entries()) {
      memory.watch(table.table, (m, _, __, after) => {
        const mask = after === 0 && tlb ? tlb.whoCanWalk(m, table) : 0
        for (const cpu of kernel.machine.translators) if (mask & cpu.bit) m.violate('O3', `table${i} is freed while the walker of ${cpu.name} can read it`)
      })
    }
    return undefined
  },
}
