import { atomic, load, type Steps } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import { GFP_KERNEL } from '../../include/gfp.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { down_write, up_write } from '../../locking/rwsem.js'
import { vma_adjust_trans_huge } from '../huge_memory/vma_adjust_trans_huge.js'
import { might_alloc } from '../might_alloc.js'
import { anon_vma_clone, unlink_anon_vmas } from '../rmap/anon_vma.js'
import { anon_vma_interval_tree_post_update_vma, anon_vma_interval_tree_pre_update_vma } from '../rmap/anon_vma_chain.js'
import { fput_mapping, i_mmap_insert, i_mmap_remove } from './i_mmap.js'
import { vma_remove } from './vma_list.js'
import { vm_area_free } from '../mmap_lock/vma_area.js'
import { per_vma_lock } from '../mmap_lock/per_vma_lock.js'
import { vma_mark_detached } from '../mmap_lock/vma_mark.js'
import { vma_start_write } from '../mmap_lock/vma_start_write.js'

/** mm/mmap.c:vma_expand. `vma` grows to [start, end), over `next` if that ends there too. Returns true. */
export function* vma_expand(
  mm: Mm, vma: Vma, start: number, end: number, pgoff: number, next: Vma | undefined,
): Steps<boolean> {
  yield* might_alloc(GFP_KERNEL)
  yield* vma_start_write(vma)
  if (next && next !== vma && per_vma_lock() && end === (yield* load(next.vm_end, { label: 'next->vm_end' }))) yield* vma_start_write(next)
  const removed = yield* atomic('vma_expand(): anon_vma', (m) => {
    const gone = next && next !== vma && end === m.get(next.vm_end) ? next : undefined
    if (gone && m.get(gone.anon_vma) && !m.get(vma.anon_vma)) {
      m.set(vma.anon_vma, m.get(gone.anon_vma))
      anon_vma_clone(m, vma, gone)
    }
    return gone
  })
  yield* vma_adjust_trans_huge(vma, start, end, 0)
  const { anonVmas, files } = kernel()
  const file = files.at(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  if (file) yield* down_write(file.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  const anon_vma = anonVmas.at(yield* load(vma.anon_vma, { label: 'vma->anon_vma' }))
  const root = anon_vma && anonVmas.deref(yield* load(anon_vma.root, { label: 'anon_vma->root' }))
  if (root) yield* down_write(root.rwsem, 'anon_vma_lock_write(anon_vma)')
  yield* atomic('vma->vm_start, vm_end = …', (m) => {
    if (removed) {
      i_mmap_remove(m, removed)
      vma_remove(m, mm, removed)
    }
    anon_vma_interval_tree_pre_update_vma(m, vma)
    i_mmap_remove(m, vma)
    m.set(vma.vm_start, start)
    m.set(vma.vm_end, end)
    m.set(vma.vm_pgoff, pgoff)
    i_mmap_insert(m, vma)
    anon_vma_interval_tree_post_update_vma(m, vma)
  })
  if (root) yield* up_write(root.rwsem, 'anon_vma_unlock_write()')
  if (file) yield* up_write(file.i_mmap_rwsem, 'i_mmap_unlock_write(mapping)')
  if (removed) {
    yield* vma_mark_detached(removed)
    yield* atomic('vm_area_free(next)', (m) => {
      unlink_anon_vmas(m, removed)
      fput_mapping(m, m.get(removed.vm_file))
      add(m, mm.map_count, -1)
      vm_area_free(m, removed)
    })
  }
  return true
}
