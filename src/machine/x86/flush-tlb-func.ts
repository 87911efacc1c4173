import type { Access } from '../../engine/model/memory.js'
import { INIT_MM, type Cpu } from '../cpu.js'
import { everything, type FlushRange } from '../flush.js'
import type { MmContext } from '../mm-context.js'

/** `struct flush_tlb_info`. `mm` is undefined for a batch of unmaps: then everything of whatever is loaded goes. */
export interface FlushInfo {
  readonly mm: MmContext | undefined
  readonly range: FlushRange
  /** The CPU that flushes; it holds the generation of this flush. */
  readonly from: Cpu
}

/**
 * `arch/x86/mm/tlb.c:flush_tlb_func`, run on `cpu` with interrupts off. Flushes only the range if that brings the CPU
 * up to date, else everything; not at all if another flush has done it already.
 */
export function flush_tlb_func(m: Access, cpu: Cpu, info: FlushInfo): void {
  const id = m.get(cpu.loaded_mm)
  if ((info.mm && info.mm.id !== id) || id === INIT_MM) return
  const mm = cpu.machine.contexts[id - 1]!
  if (m.get(cpu.is_lazy)) return leave_lazy_mm(m, cpu, mm)
  const behind = m.get(mm.behind[cpu.index]!)
  if (behind === 0) return
  const age = info.mm ? m.get(info.from.gen_age) : 0
  if (info.mm && age >= behind) return
  const partial = info.mm !== undefined && behind === 1 && age === 0
  cpu.machine.tlb?.drop(m, cpu, mm, partial ? info.range : everything, true)
  m.set(mm.behind[cpu.index]!, 0)
}

/** `switch_mm_irqs_off(NULL, &init_mm, NULL)`: a lazy CPU that is told to flush gives the address space back. */
function leave_lazy_mm(m: Access, cpu: Cpu, mm: MmContext): void {
  m.set(mm.cpumask, m.get(mm.cpumask) & ~cpu.bit)
  cpu.machine.tlb?.unload(m, cpu)
  m.set(cpu.cr3, INIT_MM)
  m.set(cpu.loaded_mm, INIT_MM)
  m.set(cpu.is_lazy, 0)
}
