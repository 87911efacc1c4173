import { load, type Steps } from '../../../engine/model/step.js'
import type { AnonVma } from '../../include/anon_vma.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { down_write, up_write } from '../../locking/rwsem.js'

/** The anon_vma lock of a VMA lives in the root. */
function* anon_vma_root(vma: Vma): Steps<AnonVma | undefined> {
  const { anonVmas } = kernel()
  const anon_vma = anonVmas.at(yield* load(vma.anon_vma, { label: 'vma->anon_vma' }))
  return anon_vma && anonVmas.deref(yield* load(anon_vma.root, { label: 'anon_vma->root' }))
}

/** mm/mremap.c:take_rmap_locks: while held, rmap walks see the old entries or the new ones. */
export function* take_rmap_locks(vma: Vma): Steps {
  const file = kernel().files.at(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  if (file) yield* down_write(file.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  const root = yield* anon_vma_root(vma)
  if (root) yield* down_write(root.rwsem, 'anon_vma_lock_write(anon_vma)')
}

/** mm/mremap.c:drop_rmap_locks */
export function* drop_rmap_locks(vma: Vma): Steps {
  const root = yield* anon_vma_root(vma)
  if (root) yield* up_write(root.rwsem, 'anon_vma_unlock_write()')
  const file = kernel().files.at(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  if (file) yield* up_write(file.i_mmap_rwsem, 'i_mmap_unlock_write(mapping)')
}
