import { atomic, type Steps } from '../../engine/model/step.js'
import { smp_mb } from '../barrier.js'
import { this_cpu } from '../cpu.js'
import type { FlushRange } from '../flush.js'
import type { MmContext } from '../mm-context.js'

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
