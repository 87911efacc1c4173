import type { Access } from '../../engine/model/memory.js'
import { atomic, load, type Steps } from '../../engine/model/step.js'
import { smp_mb } from '../barrier.js'
import { type Cpu, this_cpu } from '../cpu.js'
import type { FlushRange } from '../flush.js'
import { ipi } from '../ipi.js'
import type { MmContext } from '../mm-context.js'

/** A CPU that has the address space not loaded gives up its address-space number instead. */
const drop = (m: Access, cpu: Cpu, mm: MmContext, range: FlushRange): void =>
  cpu.machine.tlb?.drop(m, cpu, mm, range, true)

function* flush_remote(target: Cpu, mm: MmContext, range: FlushRange): Steps {
  if (!range.freedTables && (yield* load(target.is_lazy, { label: `${target.name} lazy?` }))) return
  yield* ipi(target, (m, cpu) => drop(m, cpu, mm, range))
}

/**
 * The flush of most small architectures: an IPI to every CPU of `mm_cpumask`, and wait. So it cannot return while one
 * of them has interrupts off. CPUs in lazy mode, where there is one, are skipped unless tables were freed.
 */
export function* ipi_flush(mm: MmContext, range: FlushRange): Steps {
  const self = yield* this_cpu()
  yield* smp_mb()
  const mask = yield* load(mm.cpumask, { label: 'mm_cpumask(mm)' })
  if (self.machine.tlb) yield* atomic('flush own TLB', (m) => drop(m, self, mm, range))
  for (const target of self.machine.cpus) if (target !== self && mask & target.bit) yield* flush_remote(target, mm, range)
}
