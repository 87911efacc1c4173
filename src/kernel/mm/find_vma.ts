import { atomic, load, type Step, type Steps } from '../../engine/model/step.js'
import type { Mm } from '../include/mm.js'
import type { Vma } from '../include/vma.js'
import { has, kernel } from '../kernel.js'

const first_vma = (mm: Mm, address: number): Step<Vma | undefined> =>
  atomic('vma = find_vma(mm, addr)', (m) => {
    const { vmas } = kernel()
    let vma = vmas.at(m.get(mm.mmap))
    while (vma && m.get(vma.vm_end) <= address) vma = vmas.at(m.get(vma.vm_next))
    return vma
  })

/** What somebody sees who looks without the mmap_lock. */
function* first_vma_by_steps(mm: Mm, address: number): Steps<Vma | undefined> {
  const { vmas } = kernel()
  let vma = vmas.at(yield* load(mm.mmap, { label: 'mas_walk(&mas)' }))
  while (vma && (yield* load(vma.vm_end, { label: 'vma->vm_end' })) <= address) {
    vma = vmas.at(yield* load(vma.vm_next, { label: 'mas_find(&mas)' }))
  }
  return vma
}

/** mm/mmap.c:find_vma: the first VMA that ends above `address`. One step: the tree changes under the mmap_lock only. */
export function* find_vma(mm: Mm, address: number): Steps<Vma | undefined> {
  return yield* has('fine-vma-lookup') ? first_vma_by_steps(mm, address) : first_vma(mm, address)
}

const vma_at = (mm: Mm, address: number): Step<Vma | undefined> =>
  atomic('vma = vma_lookup(mm, addr)', (m) => {
    const { vmas } = kernel()
    for (let vma = vmas.at(m.get(mm.mmap)); vma; vma = vmas.at(m.get(vma.vm_next))) {
      if (m.get(vma.vm_start) <= address && address < m.get(vma.vm_end)) return vma
    }
    return undefined
  })

function* vma_at_by_steps(mm: Mm, address: number): Steps<Vma | undefined> {
  const vma = yield* first_vma_by_steps(mm, address)
  return vma && (yield* load(vma.vm_start, { label: 'vma->vm_start' })) <= address ? vma : undefined
}

/** include/linux/mm.h:vma_lookup: the VMA that holds `address`. */
export function* vma_lookup(mm: Mm, address: number): Steps<Vma | undefined> {
  return yield* has('fine-vma-lookup') ? vma_at_by_steps(mm, address) : vma_at(mm, address)
}
