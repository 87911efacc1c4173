import type { Access } from '../../../engine/model/memory.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { chain_of } from '../rmap/anon_vma_chain.js'
import { vmas_of_mm } from './vma_list.js'

/** Nobody walks the rmap of what the VMA maps. */
function free(m: Access, vma: Vma): boolean {
  const { anonVmas, files } = kernel()
  const file = files.at(m.get(vma.vm_file))
  if (file && m.get(file.i_mmap_rwsem) !== 0) return false
  return chain_of(m, vma).every((avc) => m.get(anonVmas.deref(m.get(anonVmas.deref(m.get(avc.anon_vma)).root)).rwsem) === 0)
}

/**
 * Whether mm/mmap.c:mm_take_all_locks() gets them all: i_mmap_rwsem of every file that is mapped, and every anon_vma. Its caller does
 * one thing and drops them, so that it is one step that waits for this. With the mmap_lock held for writing.
 */
export const all_locks_free = (m: Access, mm: Mm): boolean => vmas_of_mm(m, mm).every((vma) => free(m, vma))
