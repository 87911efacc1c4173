import type { Access } from '../engine/model/memory.js'
import { FOLL_FORCE, FOLL_PCI_P2PDMA, FOLL_WRITE } from '../kernel/include/gup_flags.js'
import type { Kernel } from '../kernel/kernel.js'
import type { Cpu } from '../machine/cpu.js'
import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'
import { translate, watchTables } from './translate.js'

/** A call of GUP on its way on one CPU: for each address asked for, the pages it may return, as a mask of pfns. */
const windowOf = (kernel: Kernel, cpu: Cpu) => {
  const { memory } = kernel.machine
  const name = `gup.${cpu.index}`
  return {
    mm: memory.ghost(`${name}.mm`),
    start: memory.ghost(`${name}.start`),
    end: memory.ghost(`${name}.end`),
    write: memory.ghost(`${name}.write`),
    seen: memory.cells(`${name}.seen`, kernel.taskSize, 0, { ghost: true }),
  }
}

type Window = ReturnType<typeof windowOf>

/** SYSTEMS: GUP is linearisable. For geometries with fewer than 31 pages. */
export const O4: Oracle = {
  id: 'O4',
  name: ORACLE_NAMES.O4,
  text: `GUP returns a page for an address although at no instant between its call and its return did the page tables map
that page there with the permission asked for; or the page was freed after that; or it is memory of a PCI device, for which the
caller did not ask, or that no CPU can reach.`,
  install(kernel) {
    const { memory } = kernel.machine
    const windows = kernel.cpus.map((cpu) => windowOf(kernel, cpu))
    const look = (m: Access, window: Window): void => {
      const mm = kernel.mms.at(m.get(window.mm))
      if (!mm) return
      for (let address = m.get(window.start); address < m.get(window.end); address++) {
        const found = translate(m, kernel, mm, address)
        if (!found || (m.get(window.write) && !found.writable)) continue
        m.set(window.seen[address]!, m.get(window.seen[address]!) | (1 << found.page.pfn))
      }
    }
    // Freed meanwhile, it may be somebody else's by now.
    for (const page of kernel.memory.pages) {
      if (!page) continue
      memory.watch(page._refcount, (m, _, __, after) => {
        if (after === 0) for (const cell of windows.flatMap(({ seen }) => seen)) m.set(cell, m.get(cell) & ~(1 << page.pfn))
      })
    }
    watchTables(kernel, (m) => windows.forEach((window) => look(m, window)))
    kernel.observers.push({
      gupStarts(m, cpu, mm, start, end, flags) {
        const window = windows[cpu.index]!
        m.set(window.mm, mm.ref)
        m.set(window.start, start)
        m.set(window.end, end)
        m.set(window.write, flags & FOLL_FORCE ? 0 : flags & FOLL_WRITE)
        look(m, window)
      },
      gupReturns(m, cpu, mm, start, pages, flags) {
        const foreign = flags & FOLL_PCI_P2PDMA ? undefined : pages.find((page) => kernel.memory.isPciP2pdma(page))
        if (foreign) m.violate('O4', `page ${foreign.pfn} is memory of a PCI device, and the caller did not ask for that`)
        const window = windows[cpu.index]!
        const write = m.get(window.write) ? ' for writing' : ''
        pages.forEach((page, i) => {
          if (kernel.memory.isDevicePrivate(page)) m.violate('O4', `page ${page.pfn} is returned, which no CPU can reach`)
          if (m.get(window.seen[start + i]!) & (1 << page.pfn)) return
          m.violate('O4', `page ${page.pfn} is returned for address ${start + i} of mm${mm.ref - 1}, which never mapped it${write} during the call`)
        })
        for (const cell of [window.mm, window.start, window.end, window.write, ...window.seen]) m.set(cell, 0)
      },
    })
    return undefined
  },
}
