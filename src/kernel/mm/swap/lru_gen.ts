import { clearBits, load, setBits, type Steps, store } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { PG_active, PG_referenced, PG_swapbacked, PG_unevictable, PG_workingset } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { VM_RAND_READ, VM_SEQ_READ } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'

/*
 * The multi-generational LRU, as far as flags show it. A folio on the LRU is never PG_active: its generation says that.
 * Nobody makes new generations here, so what is swap-backed is in one of the two youngest.
 */

/** include/linux/mm_inline.h:lru_gen_enabled */
export const lru_gen_enabled = (): boolean => has('lru-gen')

/** Of the lists of include/linux/mm_inline.h:lru_gen_folio_seq, those that lru_gen_is_active(). */
const isYoung = (flags: number): boolean => (flags & (PG_swapbacked | PG_unevictable)) === PG_swapbacked

/** include/linux/mm_inline.h:lru_gen_add_folio. Until the rework of references an active folio also forgot them. */
export function* lru_gen_add_folio(folio: Folio, flags: number): Steps {
  if (!(flags & PG_active) || flags & PG_unevictable) return
  const cleared = has('lru-gen-refs') ? PG_active : PG_active | PG_referenced
  yield* clearBits(folio.flags, cleared, { label: 'lru_gen_add_folio(): set_mask_bits()' })
}

/** include/linux/mm_inline.h:lru_gen_del_folio. Migration takes PG_active along. */
export function* lru_gen_del_folio(folio: Folio): Steps {
  if (isYoung(yield* load(folio.flags, { label: 'folio_lru_gen(folio)' }))) {
    yield* setBits(folio.flags, PG_active, { label: 'lru_gen_del_folio(): set_mask_bits()' })
  }
}

/** mm/swap.c:folio_inc_refs, since the rework mm/folio.c:lru_gen_inc_refs. Counts above the first are not modelled. */
export function* lru_gen_inc_refs(folio: Folio, flags: number): Steps {
  if (flags & PG_unevictable) return
  if (!(flags & PG_referenced)) yield* setBits(folio.flags, PG_referenced, { label: 'folio_set_referenced()' })
  else if (!has('lru-gen-refs')) yield* setBits(folio.flags, PG_workingset, { label: 'folio_set_workingset()' })
}

/** mm/folio.c:lru_gen_clear_refs. Whether the folio is in the oldest generation already. */
export function* lru_gen_clear_refs(folio: Folio): Steps<boolean> {
  const old = yield* clearBits(folio.flags, PG_referenced | PG_workingset, { label: 'lru_gen_clear_refs(): set_mask_bits()' })
  return !isYoung(old)
}

/** mm/memory.c:lru_gen_enter_fault. Not for VMAs that are read in order or at random. */
export function* lru_gen_enter_fault(vma: Vma): Steps {
  const flags = yield* load(vma.vm_flags, { label: 'vma_has_recency(vma)' })
  yield* store(kernel().perCpu[(yield* this_cpu()).index]!.in_lru_fault, flags & (VM_SEQ_READ | VM_RAND_READ) ? 0 : 1, { label: 'current->in_lru_fault' })
}

/** mm/memory.c:lru_gen_exit_fault */
export function* lru_gen_exit_fault(): Steps {
  yield* store(kernel().perCpu[(yield* this_cpu()).index]!.in_lru_fault, 0, { label: 'current->in_lru_fault = false' })
}

/** What mm/swap.c:folio_add_lru does about a folio that a fault brings. */
export function* lru_gen_in_fault(folio: Folio): Steps {
  const { in_lru_fault } = kernel().perCpu[(yield* this_cpu()).index]!
  if (!(yield* load(in_lru_fault, { label: 'lru_gen_in_fault()' }))) return
  const flags = yield* load(folio.flags, { label: 'folio->flags' })
  if (flags & PG_unevictable) return
  const active = has('lru-gen-refs') ? (flags & PG_workingset) !== 0 : true
  if (active) yield* setBits(folio.flags, PG_active, { label: 'folio_set_active(folio)' })
  else if (!(flags & PG_referenced)) yield* lru_gen_inc_refs(folio, flags)
}
