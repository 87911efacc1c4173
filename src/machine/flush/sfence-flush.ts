import { atomic, load, store, type Steps } from '../../engine/model/step.js'
import { smp_mb } from '../barrier.js'
import { this_cpu } from '../cpu.js'
import { everything, type FlushRange } from '../flush.js'
import type { MmContext } from '../mm-context.js'
import type { BatchedUnmapFlush } from '../profile.js'

/**
 * `arch/riscv/mm/tlbflush.c:__flush_tlb_range` with SBI: the firmware of each hart of the mask executes SFENCE.VMA, whether its
 * kernel has interrupts on or not, and the call returns when all have. With an address the fence orders leaf entries alone
 * (privileged specification, "Supervisor Memory-Management Fence Instruction"), without one all levels.
 */
function* sbi_remote_sfence_vma(mm: MmContext, range: FlushRange, walks: boolean): Steps {
  const { machine } = yield* this_cpu()
  yield* smp_mb()
  const mask = yield* load(mm.cpumask, { label: 'mm_cpumask(mm)' })
  for (const hart of machine.cpus) {
    if (mask & hart.bit) yield* atomic(`SFENCE.VMA on ${hart.name}`, (m) => machine.tlb?.drop(m, hart, mm, range, walks))
  }
}

/** 6.1, `arch/riscv/include/asm/tlb.h:tlb_flush`: a gather always flushes the whole address space. */
export function* sfence_flush_mm(mm: MmContext, range: FlushRange): Steps {
  const whole = range.call === 'gather' || range.freedTables
  yield* sbi_remote_sfence_vma(mm, whole ? everything : range, whole)
}

/** Since 6.8 only one that is of the whole address space, or freed tables. */
export function* sfence_flush(mm: MmContext, range: FlushRange): Steps {
  const whole = range.freedTables || range.fullmm
  yield* sbi_remote_sfence_vma(mm, whole ? everything : range, whole)
}

function* arch_tlbbatch_add_pending(mm: MmContext): Steps {
  const cpu = yield* this_cpu()
  const mask = yield* load(mm.cpumask, { label: 'mm_cpumask(mm)' })
  const batch = yield* load(cpu.tlb_ubc_cpumask, { label: 'batch->cpumask' })
  yield* store(cpu.tlb_ubc_cpumask, batch | mask, { label: 'batch->cpumask |= mask' })
}

function* arch_tlbbatch_flush(): Steps {
  const self = yield* this_cpu()
  const { machine } = self
  const mask = yield* load(self.tlb_ubc_cpumask, { label: 'batch->cpumask' })
  yield* smp_mb()
  for (const hart of machine.cpus) {
    if (!(mask & hart.bit)) continue
    yield* atomic(`SFENCE.VMA on ${hart.name}`, (m) => {
      for (const mm of machine.contexts) machine.tlb?.drop(m, hart, mm, everything, true)
    })
  }
  yield* store(self.tlb_ubc_cpumask, 0, { label: 'cpumask_clear(batch->cpumask)' })
}

/** `arch/riscv/mm/tlbflush.c:arch_tlbbatch_*`: what is collected are harts, and each drops everything. */
export const sfenceBatch: BatchedUnmapFlush = { defers: 'always', arch_tlbbatch_add_mm: arch_tlbbatch_add_pending, arch_tlbbatch_flush }
