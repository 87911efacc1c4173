import type { Access } from '../engine/model/memory.js'
import { hardware_present, _PAGE_RW, word_pfn } from '../machine/pte.js'
import type { Cpu } from '../machine/cpu.js'
import type { Leaf } from '../machine/tlb.js'
import type { Mm } from '../kernel/include/mm.js'
import type { Oracle } from './oracle.js'

const usable = ({ word }: Leaf): boolean => hardware_present(word)

/** SYSTEMS: no stale access. For machines with TLBs, and geometries with fewer than 31 pages. */
export const O1: Oracle = {
  id: 'O1',
  name: 'stale access',
  text: `A call has returned (or dropped the lock under which others rely on it), and a CPU can still read or write through a
translation that the call promised to remove or downgrade. Each call makes one promise: munmap, MADV_DONTNEED and
unmap_mapping_range that nothing reaches the pages; mprotect, page_mkclean and fork that nothing writes to them any more;
mremap that nothing goes through the old address once it drops the page-table locks. Only translations that were there when
the call began count.`,
  install(kernel) {
    const { memory, tlb } = kernel.machine
    if (!tlb) return undefined
    /** By CPU and address: the pages, as a mask of pfns, that could be reached there when the call on this CPU began. */
    const before = kernel.cpus.map((cpu) => memory.cells(`promise.${cpu.index}`, kernel.taskSize, 0, { ghost: true }))
    const stale = (m: Access, cpu: Cpu, mm: Mm, address: number): Leaf[] =>
      m.get(cpu.cr3) === mm.context.id && !cpu.idle(m) ? tlb.translations(m, cpu, mm, address).slice(1).filter(usable) : []
    kernel.observers.push({
      promiseStarts(m, { index }, mm, start, end) {
        for (let address = start; address < end; address++) {
          const leaves = kernel.cpus.flatMap((cpu) => tlb.translations(m, cpu, mm, address)).filter(usable)
          m.set(before[index]![address]!, leaves.reduce((mask, { word }) => mask | (1 << word_pfn(word)), 0))
        }
      },
      promises(m, { index }, mm, start, end, what, api) {
        for (let address = start; address < end; address++) {
          const mask = m.get(before[index]![address]!)
          m.set(before[index]![address]!, 0)
          for (const cpu of kernel.cpus) {
            for (const { word } of stale(m, cpu, mm, address)) {
              if (!(mask & (1 << word_pfn(word))) || (what === 'no write' && !(word & _PAGE_RW))) continue
              const access = word & _PAGE_RW ? 'write to' : 'read'
              m.violate('O1', `${api} is done, and ${cpu.name} can still ${access} page ${word_pfn(word)} at address ${address}`)
            }
          }
        }
      },
    })
    return undefined
  },
}
