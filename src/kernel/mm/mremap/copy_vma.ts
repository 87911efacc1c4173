import type { Access } from '../../../engine/model/memory.js'
import { atomic, type Steps } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import { GFP_KERNEL } from '../../include/gfp.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { hugetlb_vm_op_open } from '../hugetlb/hugetlb_vma_lock.js'
import { might_alloc } from '../might_alloc.js'
import { i_mmap_insert } from '../mmap/i_mmap.js'
import { prev_vma, type VmaRange } from '../mmap/for_each_vma_part.js'
import { vma_merge } from '../mmap/vma_merge.js'
import { vma_open } from '../mmap/vma_open.js'
import { vma_insert } from '../mmap/vma_list.js'
import { anon_vma_clone } from '../rmap/anon_vma.js'
import { vm_area_alloc } from '../mmap_lock/vma_area.js'

/** The VMA that takes the moved pages in, and the one they come from (merging may have replaced it). */
export interface CopiedVma {
  readonly vma: Vma
  readonly new_vma: Vma
  readonly need_rmap_locks: boolean
}

const link = (m: Access, mm: Mm, vma: Vma): void => {
  vma_insert(m, mm, vma)
  i_mmap_insert(m, vma)
  add(m, mm.map_count, 1)
}

/** mm/mmap.c:copy_vma, for mremap(). `keep_source`: MREMAP_DONTUNMAP, so the two must not become one. */
export function* copy_vma(mm: Mm, from: VmaRange, addr: number, len: number, pgoff: number, keep_source: boolean): Steps<CopiedVma> {
  const { vma } = from
  const shape = yield* atomic('vma->vm_flags, anon_vma, vm_file', (m) => {
    const unfaulted = m.get(vma.vm_file) === 0 && m.get(vma.anon_vma) === 0
    return {
      vm_flags: from.vm_flags, source: vma, anon_vma: m.get(vma.anon_vma), file: m.get(vma.vm_file), pgoff: unfaulted ? addr : pgoff, unfaulted,
    }
  })
  const both = shape.unfaulted && keep_source
  const prev = yield* prev_vma(mm, addr)
  // 6.1.192 does not try at all where the source is beside the target; later kernels leave out the source only.
  const alone = both && !has('mremap-merges-others') && (addr === from.end || from.start === addr + len)
  const merged = alone ? undefined : yield* vma_merge(mm, prev, addr, addr + len, shape, both ? vma : undefined)
  if (merged) {
    return yield* atomic('need_rmap_locks', (m) => {
      const self = from.start >= m.get(merged.vm_start) && from.start < m.get(merged.vm_end)
      const source = self ? merged : vma
      return { vma: source, new_vma: merged, need_rmap_locks: m.get(merged.vm_pgoff) <= m.get(source.vm_pgoff) }
    })
  }
  yield* might_alloc(GFP_KERNEL)
  const copy = yield* atomic('new_vma = vm_area_dup(vma)', (m) => {
    const new_vma = vm_area_alloc(m)
    for (const field of ['vm_mm', 'vm_flags', 'vm_page_prot', 'anon_vma', 'vm_file'] as const) m.set(new_vma[field], m.get(vma[field]))
    m.set(new_vma.vm_start, addr)
    m.set(new_vma.vm_end, addr + len)
    m.set(new_vma.vm_pgoff, shape.pgoff)
    m.set(new_vma.anon_vma_chain, 0)
    hugetlb_vm_op_open(m, new_vma, vma)
    anon_vma_clone(m, new_vma, vma)
    const file = kernel().files.at(shape.file)
    if (file) add(m, file.f_count, 1)
    const opens = file?.vm_ops?.open !== undefined
    if (!opens) link(m, mm, new_vma)
    return { new_vma, opens }
  })
  if (copy.opens) {
    yield* vma_open(copy.new_vma)
    yield* atomic('vma_link(mm, new_vma)', (m) => link(m, mm, copy.new_vma))
  }
  return { vma, new_vma: copy.new_vma, need_rmap_locks: false }
}
