import { atomic, load, type Steps } from '../../../engine/model/step.js'
import { flush_tlb_mm } from '../../../machine/flush.js'
import type { Mm } from '../../include/mm.js'
import { has, kernel } from '../../kernel.js'

/** The two halves of mm->tlb_flush_batched: flushes asked for, and done. */
const PENDING_MASK = 0x7fff
const FLUSHED_SHIFT = 16

/** mm/rmap.c:set_tlb_ubc_flush_pending, its part in the mm. */
export const tlb_flush_batched_inc = (mm: Mm) =>
  atomic('tlb_flush_batched.pending++', (m) => {
    const batch = m.get(mm.tlb_flush_batched)
    m.set(mm.tlb_flush_batched, (batch & ~PENDING_MASK) | ((batch + 1) & PENDING_MASK))
  })

/** mm/rmap.c:flush_tlb_batched_pending. Reclaim may have cleared entries of this mm without a flush yet. */
export function* flush_tlb_batched_pending(mm: Mm): Steps {
  if (!kernel().profile.batchedUnmapFlush || !has('3ea277194daa')) return
  const batch = yield* load(mm.tlb_flush_batched, { label: 'mm->tlb_flush_batched' })
  const pending = batch & PENDING_MASK
  if (pending === batch >>> FLUSHED_SHIFT) return
  yield* flush_tlb_mm(mm)
  yield* atomic('cmpxchg(tlb_flush_batched)', (m) => {
    if (m.get(mm.tlb_flush_batched) === batch) m.set(mm.tlb_flush_batched, pending | (pending << FLUSHED_SHIFT))
  })
}
