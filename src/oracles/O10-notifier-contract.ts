import type { Access } from '../engine/model/memory.js'
import type { Mm } from '../kernel/include/mm.js'
import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'
import { type Shadow, shadowsOf } from './shadows.js'
import { tablesOf, unsettled, watchTableLocks, watchTables } from './translate.js'

/** SYSTEMS: the contract between those who change page tables and those who mirror them. */
export const O10: Oracle = {
  id: 'O10',
  name: ORACLE_NAMES.O10,
  text: `A secondary MMU has a translation that it must not have: (a) made while an invalidation of that address is under way;
(b) left over when one has ended; (c) the CPU's tables changed under it with no invalidation around the change; (d) its page
is freed; (e) made from what the CPU's tables do not say any more. Right is a shadow entry that maps the page that the CPU's
tables map, and allows no more than they do; or the device's own memory, or a page that it has for itself, if that is what
those tables say.`,
  install(kernel) {
    const shadows = shadowsOf(kernel)
    if (shadows.length === 0) return undefined
    const { memory } = kernel.machine
    /** By mm and address: invalidations under way of which everybody has been told. */
    const active = kernel.mms.objects.map((mm) => memory.cells(`mm${mm.ref - 1}.invalidating`, kernel.taskSize, 0, { ghost: true }))
    const mmOf = (m: Access, shadow: Shadow): Mm | undefined => kernel.mms.at(m.get(shadow.mm))
    const wrong = (m: Access, shadow: Shadow): string | undefined => {
      const mm = mmOf(m, shadow)
      const word = m.get(shadow.entry)
      return mm && shadow.pfn(word) !== undefined ? shadow.excess(m, mm, word) : undefined
    }
    const count = (m: Access, mm: Mm, start: number, end: number, by: number): void => {
      for (const cell of active[mm.ref - 1]!.slice(start, end)) m.set(cell, m.get(cell) + by)
    }
    const busy = (m: Access, shadow: Shadow): boolean => {
      const mm = mmOf(m, shadow)
      return mm !== undefined && m.get(active[mm.ref - 1]![shadow.address]!) > 0
    }
    /** By table: something is to be looked at again when its lock is dropped. */
    const owed = new Map(tablesOf(kernel).map((table, i) => [table, memory.cell(`owed${i}`, 0, { ghost: true })]))
    /** What is not settled is put off. */
    const judge = (m: Access, shadow: Shadow, text: (what: string) => string): void => {
      const what = wrong(m, shadow)
      if (!what) return
      const table = unsettled(m, kernel, mmOf(m, shadow)!, shadow.address)
      if (table) m.set(owed.get(table)!, 1)
      else m.violate('O10', text(what))
    }
    const look = (m: Access): void => {
      for (const shadow of shadows) {
        if (m.get(shadow.entry) === 0 || busy(m, shadow)) continue
        judge(m, shadow, (what) => `${shadow.where} has ${what}, and no invalidation is under way`)
      }
    }
    for (const shadow of shadows) {
      memory.watch(shadow.entry, (m, _, __, after) => {
        if (shadow.pfn(after) === undefined) return
        if (busy(m, shadow)) m.violate('O10', `${shadow.where}: a translation is made between start and end of an invalidation`)
        judge(m, shadow, (what) => `${shadow.where} gets ${what}`)
      })
    }
    watchTables(kernel, look)
    watchTableLocks(kernel, (m, table) => {
      if (m.get(owed.get(table)!) === 0) return
      m.set(owed.get(table)!, 0)
      look(m)
    })
    for (const page of kernel.memory.pages) {
      if (page) memory.watch(page._refcount, (m, _, before, after) => {
        if (after !== 0 || before === 0) return
        const user = shadows.find((shadow) => (shadow.lasting || mmOf(m, shadow)) && shadow.pfn(m.get(shadow.entry)) === page.pfn)
        if (user) m.violate('O10', `page ${page.pfn} is freed while ${user.where} maps it`)
      })
    }
    kernel.observers.push({
      invalidationStarted: (m, mm, start, end) => count(m, mm, start, end, 1),
      invalidationEnds: (m, mm, start, end) => count(m, mm, start, end, -1),
      invalidationEnded(m, mm, start, end) {
        for (const shadow of shadows) {
          if (mmOf(m, shadow) !== mm || shadow.address < start || shadow.address >= end) continue
          const what = wrong(m, shadow)
          if (what) m.violate('O10', `the invalidation has ended, and ${shadow.where} still has ${what}`)
        }
      },
    })
    return undefined
  },
}
