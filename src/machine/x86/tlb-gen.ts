import type { Access } from '../../engine/model/memory.js'
import { atomic, type Step } from '../../engine/model/step.js'
import type { Cpu } from '../cpu.js'
import { type MmContext, NO_ASID } from '../mm-context.js'

/**
 * `mm->context.tlb_gen` and `cpu_tlbstate.ctxs[].tlb_gen` count flushes without end. Only differences are ever
 * looked at, so the model keeps those: how far each CPU is behind the address space (`MmContext.behind`), and how old
 * the generation is that a CPU holds in a local variable (`Cpu.gen_age`). Then a state after a flush is as before it.
 */
const OLDEST = NO_ASID - 1

/** `inc_mm_tlb_gen(mm)`: the CPU holds the new generation from here on. */
export const inc_mm_tlb_gen = (cpu: Cpu, mm: MmContext): Step<void> =>
  atomic('new_tlb_gen = inc_mm_tlb_gen(mm)', (m) => {
    count_flush(m, cpu, mm)
    hold(m, cpu, mm)
  })

/** The counting alone, for who does not keep the result. */
export function count_flush(m: Access, { machine }: Cpu, mm: MmContext): void {
  for (const cpu of machine.cpus) {
    const behind = mm.behind[cpu.index]!
    m.set(behind, Math.min(m.get(behind) + 1, NO_ASID))
    if (m.get(cpu.gen_mm) === mm.id) m.set(cpu.gen_age, Math.min(m.get(cpu.gen_age) + 1, OLDEST))
  }
}

/** The CPU remembers the generation that the address space has now. */
export function hold(m: Access, cpu: Cpu, mm: MmContext): void {
  m.set(cpu.gen_mm, mm.id)
  m.set(cpu.gen_age, 0)
}

/** The CPU is done with the generation it held. Returns how old that was. */
export function release(m: Access, cpu: Cpu): number {
  const age = m.get(cpu.gen_age)
  m.set(cpu.gen_mm, 0)
  m.set(cpu.gen_age, 0)
  return age
}
