import type { Access } from '../../../engine/model/memory.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { vma_mark_attached } from '../mmap_lock/vma_mark.js'

/* The VMAs of an mm, ordered by address: what the kernel keeps in a maple tree. For use inside steps. */

export const vmas_of_mm = (m: Access, mm: Mm): Vma[] => {
  const { vmas } = kernel()
  const list: Vma[] = []
  for (let vma = vmas.at(m.get(mm.mmap)); vma; vma = vmas.at(m.get(vma.vm_next))) list.push(vma)
  return list
}

/** mm/mmap.c:find_vma */
export const first_vma_above = (m: Access, mm: Mm, address: number): Vma | undefined =>
  vmas_of_mm(m, mm).find((vma) => m.get(vma.vm_end) > address)

/** The VMA before the first one that ends above `address`. */
export const last_vma_below = (m: Access, mm: Mm, address: number): Vma | undefined =>
  vmas_of_mm(m, mm).findLast((vma) => m.get(vma.vm_end) <= address)

/** Puts a VMA into the list of its mm. */
export const vma_insert = (m: Access, mm: Mm, vma: Vma): void => {
  const start = m.get(vma.vm_start)
  const before = vmas_of_mm(m, mm).findLast((other) => m.get(other.vm_start) < start)
  const link = before ? before.vm_next : mm.mmap
  m.set(vma.vm_next, m.get(link))
  m.set(link, vma.ref)
  vma_mark_attached(m, vma)
}

export const vma_remove = (m: Access, mm: Mm, vma: Vma): void => {
  const list = vmas_of_mm(m, mm)
  const before = list[list.indexOf(vma) - 1]
  m.set(before ? before.vm_next : mm.mmap, m.get(vma.vm_next))
}
