import { atomic, load, type Steps, store } from '../../engine/model/step.js'
import { this_cpu } from '../cpu.js'
import { everything } from '../flush.js'
import type { MmContext } from '../mm-context.js'
import type { BatchedUnmapFlush } from '../profile.js'
import { by_hypervisor, by_ipi, flush_tlb_multi, type Tell } from './flush.js'
import { count_flush } from './tlb-gen.js'

function* arch_tlbbatch_add_mm(mm: MmContext): Steps {
  const cpu = yield* this_cpu()
  yield* atomic('inc_mm_tlb_gen(mm)', (m) => count_flush(m, cpu, mm))
  const mask = yield* load(mm.cpumask, { label: 'mm_cpumask(mm)' })
  const batch = yield* load(cpu.tlb_ubc_cpumask, { label: 'batch->cpumask' })
  yield* store(cpu.tlb_ubc_cpumask, batch | mask, { label: 'batch->cpumask |= mask' })
}

function* tlbbatch_flush(tell: Tell): Steps {
  const from = yield* this_cpu()
  const mask = yield* load(from.tlb_ubc_cpumask, { label: 'batch->cpumask' })
  yield* flush_tlb_multi(mask, { mm: undefined, range: { ...everything, freedTables: false }, from }, tell)
  yield* store(from.tlb_ubc_cpumask, 0, { label: 'cpumask_clear(batch->cpumask)' })
}

function* native(): Steps {
  yield* tlbbatch_flush(by_ipi)
}

function* paravirt(): Steps {
  yield* tlbbatch_flush(by_hypervisor)
}

/** `arch/x86/mm/tlb.c:arch_tlbbatch_flush`, `asm/tlbflush.h:arch_tlbbatch_add_mm`. */
export const nativeBatch: BatchedUnmapFlush = { defers: 'for-others', arch_tlbbatch_add_mm, arch_tlbbatch_flush: native }
export const paravirtBatch: BatchedUnmapFlush = { defers: 'for-others', arch_tlbbatch_add_mm, arch_tlbbatch_flush: paravirt }
