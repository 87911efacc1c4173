import { atomic, type Step, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { kernel } from '../../kernel.js'
import { slab_alloc } from '../../slab.js'
import { dup_mmap } from './dup_mmap.js'
import { mmput } from './mmput.js'

/** kernel/fork.c:mm_alloc: an empty address space with one user. */
export const mm_alloc = (): Step<Mm> =>
  atomic('mm = mm_alloc()', (m) => {
    const mm = slab_alloc(m, kernel().mms)
    for (const cell of [mm.mmap_lock, mm.mmap, mm.map_count, mm.flags, mm.write_protect_seq.cell, mm.tlb_flush_pending,
      mm.tlb_flush_batched, mm.has_pinned, mm.locked_vm, mm.def_flags, mm.nr_ptes, mm.ksm_mm_slot]) m.set(cell, 0)
    for (const entry of mm.pgd.entries) m.set(entry, 0)
    m.set(mm.pgd.pmd_huge_pte, 0)
    m.set(mm.mm_users, 1)
    m.set(mm.mm_count, 1)
    return mm
  })

/** kernel/fork.c:dup_mm: fork() as far as memory goes. Undefined if it fails. */
export function* dup_mm(oldmm: Mm): Steps<Mm | undefined> {
  const mm = yield* mm_alloc()
  if (yield* dup_mmap(mm, oldmm)) return mm
  yield* mmput(mm)
  return undefined
}
