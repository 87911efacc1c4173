import type { Access } from '../../../engine/model/memory.js'
import { add } from '../../include/cells.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'

/*
 * The VMAs that map a file: the kernel's interval tree mapping->i_mmap, as a list in the order in which that is walked: by
 * vm_pgoff, and of equal ones the last inserted last. Inside steps that hold i_mmap_rwsem.
 */

export const i_mmap_insert = (m: Access, vma: Vma): void => {
  const { files, vmas } = kernel()
  const mapping = files.at(m.get(vma.vm_file))
  if (!mapping) return
  const pgoff = m.get(vma.vm_pgoff)
  let link = mapping.i_mmap
  for (let at = vmas.at(m.get(link)); at && m.get(at.vm_pgoff) <= pgoff; at = vmas.at(m.get(link))) link = at.i_mmap
  m.set(vma.i_mmap, m.get(link))
  m.set(link, vma.ref)
}

/** mm/interval_tree.c:vma_interval_tree_insert_after: fork() puts a child's VMA right behind the parent's. */
export const i_mmap_insert_after = (m: Access, vma: Vma, prev: Vma): void => {
  m.set(vma.i_mmap, m.get(prev.i_mmap))
  m.set(prev.i_mmap, vma.ref)
}

export const i_mmap_remove = (m: Access, vma: Vma): void => {
  const { files, vmas } = kernel()
  const mapping = files.at(m.get(vma.vm_file))
  if (!mapping) return
  let link = mapping.i_mmap
  for (let at = vmas.deref(m.get(link)); at !== vma; at = vmas.deref(m.get(link))) link = at.i_mmap
  m.set(link, m.get(vma.i_mmap))
}

/** Drops a reference to a file (0 for none) that is not the last one. */
export const fput_mapping = (m: Access, file: number): void => {
  const mapping = kernel().files.at(file)
  if (mapping) add(m, mapping.f_count, -1)
}
