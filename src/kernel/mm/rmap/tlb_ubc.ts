import { load, type Steps, store } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import type { Mm } from '../../include/mm.js'
import { kernel } from '../../kernel.js'
import type { TlbflushUnmapBatch } from '../../percpu.js'
import { tlb_flush_batched_inc } from './flush_tlb_batched_pending.js'

function* tlb_ubc(): Steps<TlbflushUnmapBatch> {
  return kernel().perCpu[(yield* this_cpu()).index]!.tlb_ubc
}

/** mm/rmap.c:should_defer_flush. */
export function* should_defer_flush(mm: Mm): Steps<boolean> {
  const batch = kernel().profile.batchedUnmapFlush
  if (!batch || batch.defers === 'always') return batch !== undefined
  const self = yield* this_cpu()
  return ((yield* load(mm.context.cpumask, { label: 'mm_cpumask(mm)' })) & ~self.bit) !== 0
}

/** mm/rmap.c:set_tlb_ubc_flush_pending. Under the page-table lock, after the entry was cleared. */
export function* set_tlb_ubc_flush_pending(mm: Mm, address: number, writable: boolean): Steps {
  const ubc = yield* tlb_ubc()
  yield* kernel().profile.batchedUnmapFlush!.arch_tlbbatch_add_mm(mm.context, address)
  yield* store(ubc.flush_required, 1, { label: 'tlb_ubc->flush_required = true' })
  yield* tlb_flush_batched_inc(mm)
  if (writable) yield* store(ubc.writable, 1, { label: 'tlb_ubc->writable = true' })
}

/** mm/rmap.c:try_to_unmap_flush_dirty: only if a CPU may still write through an entry. */
export function* try_to_unmap_flush_dirty(): Steps {
  if (yield* load((yield* tlb_ubc()).writable, { label: 'tlb_ubc->writable' })) yield* try_to_unmap_flush()
}

/** mm/rmap.c:try_to_unmap_flush: makes good for all flushes that were put off. */
export function* try_to_unmap_flush(): Steps {
  const ubc = yield* tlb_ubc()
  if (!(yield* load(ubc.flush_required, { label: 'tlb_ubc->flush_required' }))) return
  yield* kernel().profile.batchedUnmapFlush!.arch_tlbbatch_flush()
  yield* store(ubc.flush_required, 0, { label: 'tlb_ubc->flush_required = false' })
  yield* store(ubc.writable, 0, { label: 'tlb_ubc->writable = false' })
}
