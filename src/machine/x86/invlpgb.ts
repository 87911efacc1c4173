import { atomic, load, type Steps, store } from '../../engine/model/step.js'
import { smp_mb } from '../barrier.js'
import { this_cpu } from '../cpu.js'
import { everything, type FlushRange } from '../flush.js'
import type { MmContext } from '../mm-context.js'
import type { BatchedUnmapFlush } from '../profile.js'

function* tlbsync(): Steps {
  const self = yield* this_cpu()
  yield* atomic('TLBSYNC', (m) => self.machine.tlb?.complete(m, self))
  yield* smp_mb()
}

/**
 * `arch/x86/mm/tlb.c:broadcast_tlb_flush`, for an address space that has a global ASID: INVLPGB reaches every CPU, lazy or with
 * interrupts off, and TLBSYNC waits for the hardware. The kernel never asks for the final level only
 * (`asm/tlb.h:invlpgb_flush_user_nr_nosync`), so cached upper levels go too.
 */
export function* broadcast_tlb_flush(mm: MmContext, range: FlushRange): Steps {
  const self = yield* this_cpu()
  yield* smp_mb()
  yield* atomic('INVLPGB', (m) => self.machine.tlb?.issue(m, self, mm, range.fullmm ? everything : range, true))
  yield* tlbsync()
}

function* arch_tlbbatch_add_pending(): Steps {
  const self = yield* this_cpu()
  yield* smp_mb()
  yield* store(self.tlb_ubc_cpumask, ~0, { label: 'batch->unmapped_pages = true' })
}

/** `arch_tlbbatch_flush`: `invlpgb_flush_all_nonglobals()`, everything of everyone. */
function* arch_tlbbatch_flush(): Steps {
  const self = yield* this_cpu()
  const { machine } = self
  if (!(yield* load(self.tlb_ubc_cpumask, { label: 'batch->unmapped_pages' }))) return
  yield* atomic('INVLPGB', (m) => {
    for (const mm of machine.contexts) machine.tlb?.issue(m, self, mm, everything, true)
  })
  yield* tlbsync()
  yield* store(self.tlb_ubc_cpumask, 0, { label: 'batch->unmapped_pages = false' })
}

export const invlpgbBatch: BatchedUnmapFlush = { defers: 'for-others', arch_tlbbatch_add_mm: arch_tlbbatch_add_pending, arch_tlbbatch_flush }
