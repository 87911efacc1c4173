import { atomic, type Steps } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import { GFP_KERNEL } from '../../include/gfp.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { hugetlb_vm_op_open } from '../hugetlb/hugetlb_vma_lock.js'
import { might_alloc } from '../might_alloc.js'
import { anon_vma_clone } from '../rmap/anon_vma.js'
import { __vma_adjust } from './vma_adjust.js'
import { vma_open } from './vma_open.js'
import { vm_area_alloc } from '../mmap_lock/vma_area.js'
import { vma_start_write } from '../mmap_lock/vma_start_write.js'

/** mm/mmap.c:__split_vma. The new VMA is the part below `address`, or the part from it on. */
export function* split_vma(mm: Mm, vma: Vma, address: number, new_below: boolean): Steps<Vma> {
  yield* might_alloc(GFP_KERNEL)
  yield* vma_start_write(vma)
  const half = yield* atomic('new = vm_area_dup(vma)', (m) => {
    const half = vm_area_alloc(m)
    for (const field of ['vm_start', 'vm_end', 'vm_mm', 'vm_flags', 'vm_page_prot', 'vm_pgoff', 'anon_vma', 'vm_file'] as const) {
      m.set(half[field], m.get(vma[field]))
    }
    m.set(half.anon_vma_chain, 0)
    hugetlb_vm_op_open(m, half, vma)
    if (new_below) m.set(half.vm_end, address)
    else {
      m.set(half.vm_start, address)
      m.set(half.vm_pgoff, m.get(vma.vm_pgoff) + address - m.get(vma.vm_start))
    }
    anon_vma_clone(m, half, vma)
    const mapping = kernel().files.at(m.get(vma.vm_file))
    if (mapping) add(m, mapping.f_count, 1)
    return { vma: half, start: m.get(vma.vm_start), end: m.get(vma.vm_end), pgoff: m.get(vma.vm_pgoff) }
  })
  yield* vma_open(half.vma)
  if (new_below) {
    yield* __vma_adjust(mm, vma, address, half.end, half.pgoff + address - half.start, half.vma, undefined)
  } else yield* __vma_adjust(mm, vma, half.start, address, half.pgoff, half.vma, undefined)
  return half.vma
}
