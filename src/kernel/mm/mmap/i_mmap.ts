import type { Access } from '../../../engine/model/memory.js'
import { add } from '../../include/cells.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'

/* The VMAs that map a file: the kernel's interval tree mapping->i_mmap. Inside steps that hold i_mmap_rwsem. */

export const i_mmap_insert = (m: Access, vma: Vma): void => {
  const mapping = kernel().files.at(m.get(vma.vm_file))
  if (!mapping) return
  m.set(vma.i_mmap, m.get(mapping.i_mmap))
  m.set(mapping.i_mmap, vma.ref)
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
