import type { Access } from '../engine/model/memory.js'
import type { Mm } from '../kernel/include/mm.js'
import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'
import { translate } from './translate.js'

/** SYSTEMS: a monitor's write protection lasts, and guard pages do. */
export const O18: Oracle = {
  id: 'O18',
  name: ORACLE_NAMES.O18,
  text: `A program writes to a page that a monitor has write-protected (UFFDIO_WRITEPROTECT) and has not let go since: no fault has told him.
Or somebody reaches a page of a guard region (MADV_GUARD_INSTALL). Not where the program itself has taken the mapping away or moved it meanwhile.`,
  install(kernel) {
    if (kernel.userfaultfds.length === 0 && !kernel.changes.ids.has('guard-regions')) return undefined
    const { memory, accessHooks } = kernel.machine
    /** By mm and address: 1 while what is mapped there must not be written to. */
    const protection = kernel.mms.objects.map((mm) => memory.cells(`mm${mm.ref - 1}.protected`, kernel.taskSize, 0, { ghost: true }))
    const guarded = kernel.mms.objects.map((mm) => memory.cells(`mm${mm.ref - 1}.guarded`, kernel.taskSize, 0, { ghost: true }))
    const lift = (m: Access, mm: Mm, start: number, end: number): void => {
      for (const cell of protection[mm.ref - 1]!.slice(start, end)) m.set(cell, 0)
    }
    kernel.observers.push({
      guards(m, mm, start, end, on) {
        for (const cell of guarded[mm.ref - 1]!.slice(start, end)) m.set(cell, on ? 1 : 0)
      },
      writeProtects(m, mm, start, end, on) {
        if (!on) return lift(m, mm, start, end)
        for (let address = start; address < end; address++) {
          if (translate(m, kernel, mm, address)) m.set(protection[mm.ref - 1]![address]!, 1)
        }
      },
      unmaps: (m, _, mm, start, end) => lift(m, mm, start, end),
      moves: (m, _, mm, start, end) => lift(m, mm, start, end),
    })
    accessHooks.push((m, { cpu, space, va, value }) => {
      const owner = kernel.mms.objects.find(({ context }) => context === space.context)
      if (owner && m.get(guarded[owner.ref - 1]![va]!)) m.violate('O18', `${cpu.name} reaches address ${va}, where there is a guard page`)
      const mm = value === undefined ? undefined : kernel.mms.objects.find(({ context }) => context === space.context)
      if (mm && m.get(protection[mm.ref - 1]![va]!)) m.violate('O18', `${cpu.name} writes to address ${va}, which is write-protected by a monitor`)
    })
    return undefined
  },
}
