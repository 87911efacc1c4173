import type { Access } from '../engine/model/memory.js'
import { VM_ACCESS_FLAGS, VM_LOCKED, VM_SHARED } from '../kernel/include/vm_flags.js'
import type { Kernel } from '../kernel/kernel.js'
import { vmas_of_mm } from '../kernel/mm/mmap/vma_list.js'

/** What a fault takes for granted as long as it holds the lock of a VMA. */
const STABLE_FLAGS = VM_ACCESS_FLAGS | VM_SHARED | VM_LOCKED

/** Part of O13: a VMA that a fault has locked is one of its address space, and stays what it is. */
export function watchVmas(kernel: Kernel): void {
  const { memory } = kernel.machine
  if (!kernel.vmas.objects.some(({ lock }) => lock)) return
  const reading = kernel.cpus.map(({ index }) => memory.ghost(`vma read by CPU${index}`))
  kernel.observers.push({
    vmaReads(m, { index, name }, mm, vma) {
      m.set(reading[index]!, vma.ref)
      if (!vmas_of_mm(m, mm).includes(vma)) m.violate('O13', `${name} has locked vma${vma.ref - 1}, which is none of mm${mm.ref - 1}`)
    },
    vmaReadEnds: (m, { index }) => m.set(reading[index]!, 0),
  })
  const readers = (m: Access, ref: number) => kernel.cpus.filter(({ index }) => m.get(reading[index]!) === ref).map(({ name }) => name)
  for (const vma of kernel.vmas.objects) {
    for (const [cell, bits] of [[vma.vm_start, -1], [vma.vm_end, -1], [vma.vm_mm, -1], [vma.vm_pgoff, -1], [vma.vm_flags, STABLE_FLAGS]] as const) {
      memory.watch(cell, (m, _, before, after) => {
        if (((before ^ after) & bits) === 0) return
        const [cpu] = readers(m, vma.ref)
        if (cpu !== undefined) m.violate('O13', `vma${vma.ref - 1} changes while ${cpu} has it locked`)
      })
    }
  }
  memory.watch(kernel.vmas.free, (m, _, __, after) => {
    const [cpu] = readers(m, after)
    if (after !== 0 && cpu !== undefined) m.violate('O13', `vma${after - 1} is freed while ${cpu} has it locked`)
  })
}
