import type { Cell } from '../../../engine/model/memory.js'
import { atomic, fetchAdd, load, type Steps, xchg } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { pmd_none, pmd_trans_huge } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { down_write, up_write } from '../../locking/rwsem.js'
import type { MmuGather } from '../../percpu.js'
import { i_mmap_remove } from '../mmap/i_mmap.js'
import { pte_free_tlb, tlb_free_vmas } from '../mmu_gather/mmu_gather.js'
import { pmd_offset, pmdp_get } from '../pgtable.js'
import { unlink_anon_vmas } from '../rmap/anon_vma.js'

/** mm/memory.c:free_pte_range */
export function* free_pte_range(mm: Mm, tlb: MmuGather, pmdp: Cell, address: number): Steps {
  const pmd = yield* pmdp_get(pmdp)
  if (pmd_none(pmd) || pmd_trans_huge(pmd)) return
  yield* xchg(pmdp, 0, { label: 'pmd_clear(pmdp)' })
  yield* pte_free_tlb(mm, tlb, kernel().pmd_pgtable(pmd), address, address + kernel().geometry.ptrsPerPte)
  yield* fetchAdd(mm.nr_ptes, -1, { label: 'mm_dec_nr_ptes(mm)' })
}

/**
 * mm/memory.c:free_pgd_range. Tables that map something between `floor` and the range, or between it and `ceiling`,
 * stay.
 */
export function* free_pgd_range(mm: Mm, tlb: MmuGather, start: number, end: number, floor: number, ceiling: number): Steps {
  const size = kernel().geometry.ptrsPerPte
  const down = (address: number): number => address - (address % size)
  const from = down(start) < floor ? down(start) + size : down(start)
  const to = end > down(ceiling) ? end - size : end
  for (let at = from; at < to; at += size) yield* free_pte_range(mm, tlb, pmd_offset(mm, at), at)
}

/** mm/mmap.c:unlink_file_vma, and unlink_anon_vmas() before it: nobody finds the VMA through its pages any more. */
function* unlink_vma(vma: Vma): Steps {
  const { anonVmas, files } = kernel()
  const anon_vma = anonVmas.at(yield* load(vma.anon_vma, { label: 'vma->anon_vma' }))
  const root = anon_vma && anonVmas.deref(yield* load(anon_vma.root, { label: 'anon_vma->root' }))
  if (root) yield* down_write(root.rwsem, 'lock_anon_vma_root()')
  yield* atomic('unlink_anon_vmas(vma)', (m) => unlink_anon_vmas(m, vma))
  if (root) yield* up_write(root.rwsem, 'unlock_anon_vma_root()')
  const file = files.at(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  if (!file) return
  yield* down_write(file.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  yield* atomic('unlink_file_vma(vma)', (m) => i_mmap_remove(m, vma))
  yield* up_write(file.i_mmap_rwsem, 'i_mmap_unlock_write()')
}

/** mm/memory.c:free_pgtables. VMAs that are near each other are one call of free_pgd_range(). */
export function* free_pgtables(mm: Mm, tlb: MmuGather, vmas: readonly Vma[], floor: number, ceiling: number): Steps {
  const late = has('mutant-free-vmas-flush-late')
  if (!late) yield* tlb_free_vmas(mm, tlb)
  const size = kernel().geometry.ptrsPerPte
  let from = 0
  let until = -1
  for (const [i, vma] of vmas.entries()) {
    const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
    const end = yield* load(vma.vm_end, { label: 'vma->vm_end' })
    if (until < 0) from = start
    else if (start > until + size) {
      yield* free_pgd_range(mm, tlb, from, until, floor, start)
      from = start
    }
    yield* unlink_vma(vma)
    if (late) yield* tlb_free_vmas(mm, tlb)
    until = end
    if (i === vmas.length - 1) yield* free_pgd_range(mm, tlb, from, until, floor, ceiling)
  }
}
