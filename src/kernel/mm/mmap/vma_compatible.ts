import type { Access } from '../../../engine/model/memory.js'
import type { AnonVma } from '../../include/anon_vma.js'
import type { Vma } from '../../include/vma.js'
import { VM_ACCESS_FLAGS, VM_SOFTDIRTY } from '../../include/vm_flags.js'
import { has, kernel } from '../../kernel.js'
import { last_vma_below } from './vma_list.js'

/* mm/mmap.c: which VMAs can be one. Inside steps. */

/** What a mapping that is to be merged is like; anon_vma and file as pool references. */
export interface VmaShape {
  readonly vm_flags: number
  readonly anon_vma: number
  readonly file: number
  readonly pgoff: number
  /** The VMA that is there already, of which it is a part or a copy. */
  readonly source?: Vma
}

/** A VMA not cloned from a parent has one link. */
const list_is_singular = (m: Access, vma: Vma): boolean => {
  const first = kernel().anonVmaChains.at(m.get(vma.anon_vma_chain))
  return first !== undefined && m.get(first.same_vma) === 0
}

/** mm/mmap.c:is_mergeable_anon_vma */
export const is_mergeable_anon_vma = (m: Access, a: number, b: number, vma: Vma | undefined): boolean =>
  ((!a || !b) && (!vma || list_is_singular(m, vma))) || a === b

/** mm/vma.c:vma_is_fork_child */
const vma_is_fork_child = (m: Access, vma: Vma | undefined): boolean => vma !== undefined && m.get(vma.anon_vma) !== 0 && !list_is_singular(m, vma)

/** Whether the area may have the anon_vma of the VMA that it becomes part of, or that VMA the area's. */
function anon_vmas_fit(m: Access, vma: Vma, { anon_vma, source }: VmaShape): boolean {
  const target = m.get(vma.anon_vma)
  if (!has('anon-merge-unfaulted') || target || !anon_vma) return is_mergeable_anon_vma(m, anon_vma, target, vma)
  return !vma_is_fork_child(m, source)
}

const is_mergeable_vma = (m: Access, vma: Vma, shape: VmaShape): boolean =>
  ((m.get(vma.vm_flags) ^ shape.vm_flags) & ~VM_SOFTDIRTY) === 0 && m.get(vma.vm_file) === shape.file

/** mm/mmap.c:can_vma_merge_before. `shape.pgoff`: that of the end of the new area. */
export const can_vma_merge_before = (m: Access, vma: Vma, shape: VmaShape): boolean =>
  is_mergeable_vma(m, vma, shape) && anon_vmas_fit(m, vma, shape) &&
  m.get(vma.vm_pgoff) === shape.pgoff

/** mm/mmap.c:can_vma_merge_after */
export const can_vma_merge_after = (m: Access, vma: Vma, shape: VmaShape): boolean =>
  is_mergeable_vma(m, vma, shape) && anon_vmas_fit(m, vma, shape) &&
  m.get(vma.vm_pgoff) + m.get(vma.vm_end) - m.get(vma.vm_start) === shape.pgoff

/** mm/mmap.c:anon_vma_compatible */
export const anon_vma_compatible = (m: Access, a: Vma, b: Vma): boolean =>
  m.get(a.vm_end) === m.get(b.vm_start) && m.get(a.vm_file) === m.get(b.vm_file) &&
  ((m.get(a.vm_flags) ^ m.get(b.vm_flags)) & ~(VM_ACCESS_FLAGS | VM_SOFTDIRTY)) === 0 &&
  m.get(b.vm_pgoff) === m.get(a.vm_pgoff) + m.get(b.vm_start) - m.get(a.vm_start)

const reusable_anon_vma = (m: Access, old: Vma, a: Vma, b: Vma): AnonVma | undefined =>
  anon_vma_compatible(m, a, b) && list_is_singular(m, old) ? kernel().anonVmas.at(m.get(old.anon_vma)) : undefined

/** mm/mmap.c:find_mergeable_anon_vma: that of a neighbour, so that the two may be merged later. */
export const find_mergeable_anon_vma = (m: Access, vma: Vma): AnonVma | undefined => {
  const { mms, vmas } = kernel()
  const next = vmas.at(m.get(vma.vm_next))
  const ofNext = next && reusable_anon_vma(m, next, vma, next)
  if (ofNext) return ofNext
  const prev = last_vma_below(m, mms.deref(m.get(vma.vm_mm)), m.get(vma.vm_start))
  return prev && reusable_anon_vma(m, prev, prev, vma)
}
