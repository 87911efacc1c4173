import type { Access } from '../../engine/model/memory.js'
import { atomic, load, type Steps } from '../../engine/model/step.js'
import { type Cpu, this_cpu } from '../cpu.js'
import type { FlushRange } from '../flush.js'
import { ipi } from '../ipi.js'
import type { MmContext } from '../mm-context.js'

const drop = (m: Access, cpu: Cpu, mm: MmContext, range: FlushRange): void => {
  if (m.get(cpu.loaded_mm) === mm.id) cpu.machine.tlb?.drop(m, cpu, mm, range, true)
}

function* flush_remote(target: Cpu, mm: MmContext, range: FlushRange): Steps {
  if (!range.freedTables && (yield* load(target.is_lazy, { label: `${target.name} lazy?` }))) return
  yield* ipi(target, (m, cpu) => drop(m, cpu, mm, range))
}

/**
 * The flush of x86 without paravirtualisation and of most small architectures: an IPI to every CPU of `mm_cpumask`,
 * and wait. So it cannot return while one of them has interrupts off. CPUs in lazy mode are skipped unless tables
 * were freed. `arch/x86/mm/tlb.c:flush_tlb_mm_range`, `native_flush_tlb_multi`.
 */
export function* ipi_flush(mm: MmContext, range: FlushRange): Steps {
  const self = yield* this_cpu()
  const mask = yield* load(mm.cpumask, { label: 'mm_cpumask(mm)' })
  yield* atomic('flush_tlb_func() here', (m) => drop(m, self, mm, range))
  for (const target of self.machine.cpus) if (target !== self && mask & target.bit) yield* flush_remote(target, mm, range)
}
