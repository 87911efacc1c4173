import type { Access } from '../engine/model/memory.js'
import type { Mm } from '../kernel/include/mm.js'
import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'
import { translate, unsettled } from './translate.js'

/** SYSTEMS: the device is quiet when its driver said so. */
export const O11: Oracle = {
  id: 'O11',
  name: ORACLE_NAMES.O11,
  text: `A device writes to user memory by a mapping that its driver was told to give up: after the callback for an
invalidation of that address has returned; or to a page that the CPU's tables do not map there for writing, because the
mapping was kept, or made from an answer that was out of date.`,
  install(kernel) {
    if (kernel.userptrs.length === 0 && !kernel.dmaMappings.some(({ mm }) => mm)) return undefined
    const { memory } = kernel.machine
    /** By mm and address: invalidations under way of which every driver has said that it is done. */
    const active = kernel.mms.objects.map((mm) => memory.cells(`mm${mm.ref - 1}.quiet`, kernel.taskSize, 0, { ghost: true }))
    const count = (m: Access, mm: Mm, start: number, end: number, by: number): void => {
      for (const cell of active[mm.ref - 1]!.slice(start, end)) m.set(cell, m.get(cell) + by)
    }
    kernel.observers.push({
      invalidationStarted: (m, mm, start, end) => count(m, mm, start, end, 1),
      invalidationEnds: (m, mm, start, end) => count(m, mm, start, end, -1),
      deviceWrites(m, page, _, mm, address) {
        if (m.get(active[mm.ref - 1]![address]!) > 0) {
          m.violate('O11', `the device writes to page ${page.pfn} for address ${address}, whose invalidation the driver has acknowledged`)
          return
        }
        const now = translate(m, kernel, mm, address)
        if (now?.page === page && now.writable) return
        // The same is seen after the lock is dropped, if it is still so then.
        if (unsettled(m, kernel, mm, address)) return
        const has = now ? (now.page === page ? 'that page read-only' : `page ${now.page.pfn}`) : 'none'
        m.violate('O11', `the device writes to page ${page.pfn} for address ${address}, where the CPU has ${has}`)
      },
    })
    return undefined
  },
}
