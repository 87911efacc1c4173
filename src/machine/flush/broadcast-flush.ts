import { atomic, type Steps } from '../../engine/model/step.js'
import { smp_mb } from '../barrier.js'
import { this_cpu } from '../cpu.js'
import { pageRange, type FlushRange } from '../flush.js'
import type { MmContext } from '../mm-context.js'
import type { BatchedUnmapFlush } from '../profile.js'

function* broadcast(mm: MmContext, range: FlushRange, walks: boolean, issue: string, wait: string): Steps {
  const self = yield* this_cpu()
  const { tlb } = self.machine
  yield* atomic(issue, (m) => tlb?.issue(m, self, mm, range, walks))
  yield* atomic(wait, (m) => tlb?.complete(m, self))
  yield* smp_mb()
}

/**
 * `arch/arm64/include/asm/tlbflush.h:__flush_tlb_range`: invalidations broadcast in hardware, complete when a DSB of
 * the CPU that issued them returns. Nobody's interrupts matter. `flush_tlb_page` and a gather that freed no tables
 * use the last-level form, which leaves cached upper levels alone; the teardown of a whole address space flushes only
 * for those.
 */
export function* tlbi_flush(mm: MmContext, range: FlushRange): Steps {
  if (range.fullmm && !range.freedTables) return
  const walks = range.freedTables || range.call === 'range'
  yield* broadcast(mm, range, walks, walks ? 'TLBI VAE1IS' : 'TLBI VALE1IS', 'DSB ISH')
}

/**
 * `arch/powerpc/mm/book3s64/radix_tlb.c`: tlbie, broadcast in hardware. The page-walk cache goes only with
 * `freed_tables`.
 */
export function* tlbie_flush(mm: MmContext, range: FlushRange): Steps {
  yield* broadcast(mm, range, range.freedTables, 'tlbie', 'eieio; tlbsync; ptesync')
}

function* arch_tlbbatch_add_pending(mm: MmContext, va: number): Steps {
  const self = yield* this_cpu()
  yield* atomic('TLBI VALE1IS', (m) => self.machine.tlb?.issue(m, self, mm, pageRange(va), false))
}

function* arch_tlbbatch_flush(): Steps {
  const self = yield* this_cpu()
  yield* atomic('DSB ISH', (m) => self.machine.tlb?.complete(m, self))
  yield* smp_mb()
}

/** `arch/arm64/include/asm/tlbflush.h:arch_tlbbatch_*`, since 6.6: what is put off is the wait. */
export const tlbiBatch: BatchedUnmapFlush = { defers: 'always', arch_tlbbatch_add_mm: arch_tlbbatch_add_pending, arch_tlbbatch_flush }
