import type { Access, Cell } from '../engine/model/memory.js'
import { _PAGE_RW, hardware_present, word_pfn } from '../machine/pte.js'
import type { SecondaryMmu } from '../kernel/drivers/secondary_mmu/secondary_mmu.js'
import type { Mm } from '../kernel/include/mm.js'
import type { Kernel } from '../kernel/kernel.js'
import type { Oracle } from './oracle.js'
import { translate, watchTables } from './translate.js'

/** A shadow entry, and where it stands. */
interface Shadow {
  readonly mmu: SecondaryMmu
  readonly address: number
  readonly spte: Cell
}

const shadowsOf = (kernel: Kernel): readonly Shadow[] =>
  kernel.secondaryMmus.flatMap((mmu) => mmu.sptes.map((spte, address) => ({ mmu, address, spte })))

/** What of a shadow entry the CPU's tables do not say: undefined if it is right. */
function excess(m: Access, kernel: Kernel, mm: Mm, address: number, word: number): string | undefined {
  if (!hardware_present(word)) return undefined
  const now = translate(m, kernel, mm, address)
  if (now?.page.pfn !== word_pfn(word)) return `page ${word_pfn(word)}, where the CPU has ${now ? `page ${now.page.pfn}` : 'none'}`
  return word & _PAGE_RW && !now.writable ? `page ${word_pfn(word)} for writing, which the CPU must not write` : undefined
}

/** SYSTEMS: the contract between those who change page tables and those who mirror them. */
export const O10: Oracle = {
  id: 'O10',
  name: 'notifier contract',
  text: `A secondary MMU has a translation that it must not have: (a) made while an invalidation of that address is under way;
(b) left over when one has ended; (c) the CPU's tables changed under it with no invalidation around the change; (d) its page
is freed; (e) made from what the CPU's tables do not say any more. Right is a shadow entry that maps the page that the CPU's
tables map, and allows no more than they do.`,
  install(kernel) {
    const shadows = shadowsOf(kernel)
    if (shadows.length === 0) return undefined
    const { memory } = kernel.machine
    /** By mm and address: invalidations under way of which everybody has been told. */
    const active = kernel.mms.objects.map((mm) => memory.cells(`mm${mm.ref - 1}.invalidating`, kernel.taskSize, 0, { ghost: true }))
    const mmOf = (m: Access, { mmu }: Shadow): Mm | undefined => kernel.mms.at(m.get(mmu.notifier.mm))
    const wrong = (m: Access, shadow: Shadow): string | undefined => {
      const mm = mmOf(m, shadow)
      return mm && excess(m, kernel, mm, shadow.address, m.get(shadow.spte))
    }
    const count = (m: Access, mm: Mm, start: number, end: number, by: number): void => {
      for (const cell of active[mm.ref - 1]!.slice(start, end)) m.set(cell, m.get(cell) + by)
    }
    const busy = (m: Access, shadow: Shadow): boolean => {
      const mm = mmOf(m, shadow)
      return mm !== undefined && m.get(active[mm.ref - 1]![shadow.address]!) > 0
    }
    const where = ({ mmu, address }: Shadow): string => `mmu${mmu.index} at address ${address}`
    for (const shadow of shadows) {
      memory.watch(shadow.spte, (m, _, __, after) => {
        if (!hardware_present(after)) return
        if (busy(m, shadow)) m.violate('O10', `${where(shadow)}: a translation is made between start and end of an invalidation`)
        const what = wrong(m, shadow)
        if (what) m.violate('O10', `${where(shadow)} gets ${what}`)
      })
    }
    watchTables(kernel, (m) => {
      for (const shadow of shadows) {
        if (m.get(shadow.spte) === 0 || busy(m, shadow)) continue
        const what = wrong(m, shadow)
        if (what) m.violate('O10', `${where(shadow)} has ${what}, and no invalidation is under way`)
      }
    })
    for (const page of kernel.memory.pages) {
      if (page) memory.watch(page._refcount, (m, _, before, after) => {
        if (after !== 0 || before === 0) return
        const user = shadows.find(({ spte }) => hardware_present(m.get(spte)) && word_pfn(m.get(spte)) === page.pfn)
        if (user) m.violate('O10', `page ${page.pfn} is freed while ${where(user)} maps it`)
      })
    }
    kernel.observers.push({
      invalidationStarted: (m, mm, start, end) => count(m, mm, start, end, 1),
      invalidationEnds: (m, mm, start, end) => count(m, mm, start, end, -1),
      invalidationEnded(m, mm, start, end) {
        for (const shadow of shadows) {
          if (mmOf(m, shadow) !== mm || shadow.address < start || shadow.address >= end) continue
          const what = wrong(m, shadow)
          if (what) m.violate('O10', `the invalidation has ended, and ${where(shadow)} still has ${what}`)
        }
      },
    })
    return undefined
  },
}
