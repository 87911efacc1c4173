import { atomic, type Step } from '../../engine/model/step.js'
import type { Mm } from '../include/mm.js'
import type { Vma } from '../include/vma.js'
import { kernel } from '../kernel.js'

/** mm/mmap.c:find_vma: the first VMA that ends above `address`. One step: the tree changes under the mmap_lock only. */
export const find_vma = (mm: Mm, address: number): Step<Vma | undefined> =>
  atomic('vma = find_vma(mm, addr)', (m) => {
    const { vmas } = kernel()
    let vma = vmas.at(m.get(mm.mmap))
    while (vma && m.get(vma.vm_end) <= address) vma = vmas.at(m.get(vma.vm_next))
    return vma
  })

/** include/linux/mm.h:vma_lookup: the VMA that holds `address`. */
export const vma_lookup = (mm: Mm, address: number): Step<Vma | undefined> =>
  atomic('vma = vma_lookup(mm, addr)', (m) => {
    const { vmas } = kernel()
    for (let vma = vmas.at(m.get(mm.mmap)); vma; vma = vmas.at(m.get(vma.vm_next))) {
      if (m.get(vma.vm_start) <= address && address < m.get(vma.vm_end)) return vma
    }
    return undefined
  })
