import { atomic, clearBits, load, setBits, type Step, type Steps, store } from '../../engine/model/step.js'
import { smp_mb } from '../barrier.js'
import { type Cpu, INIT_MM, SWITCHING, this_cpu } from '../cpu.js'
import { everything } from '../flush.js'
import type { MmContext } from '../mm-context.js'
import type { Announced } from '../profile.js'
import { hold, release } from './tlb-gen.js'

/** Reads the generation of `next`. Returns whether this CPU is behind it; then it holds the generation. */
const read_tlb_gen = (cpu: Cpu, next: MmContext): Step<boolean> =>
  atomic('next_tlb_gen = mm->context.tlb_gen', (m) => {
    const needFlush = m.get(next.behind[cpu.index]!) !== 0
    if (needFlush) hold(m, cpu, next)
    return needFlush
  })

/** `load_new_mm_cr3`. A flush leaves this CPU at the generation it held. */
const load_new_mm_cr3 = (cpu: Cpu, next: MmContext | undefined, needFlush: boolean): Step<void> =>
  atomic(needFlush ? 'write CR3 (flush)' : 'write CR3 (no flush)', (m) => {
    const { tlb } = cpu.machine
    tlb?.unload(m, cpu)
    m.set(cpu.cr3, next?.id ?? INIT_MM)
    if (next && needFlush) {
      m.set(next.behind[cpu.index]!, release(m, cpu))
      tlb?.drop(m, cpu, next, everything, true)
    }
    tlb?.load(m, cpu)
  })

/** Back from a kernel thread to the address space that stayed loaded. */
function* leave_lazy(cpu: Cpu, next: MmContext): Steps {
  const needFlush = yield* read_tlb_gen(cpu, next)
  if (needFlush) yield* load_new_mm_cr3(cpu, next, true)
}

function* join(cpu: Cpu, prev: number, next: MmContext | undefined): Steps<boolean> {
  const { contexts } = cpu.machine
  if (prev !== INIT_MM) yield* clearBits(contexts[prev - 1]!.cpumask, cpu.bit, { label: 'clear CPU in mm_cpumask(prev)' })
  if (!next) return false
  yield* setBits(next.cpumask, cpu.bit, { label: 'set CPU in mm_cpumask(next)' })
  return yield* read_tlb_gen(cpu, next)
}

const announce = (cpu: Cpu): Step<void> => store(cpu.loaded_mm, SWITCHING, { label: 'loaded_mm = SWITCHING' })

/**
 * `arch/x86/mm/tlb.c:switch_mm_irqs_off`: the CPU says that it is switching before it reads the generation, so that a
 * flush which it does not see sends it an IPI. Announced never: as before commits fea4e317f9e7 and 83b0177a6c48,
 * `loaded_mm` names the old address space until the end. Late: after the generation is read.
 */
export function* x86_switch_mm_irqs_off(next: MmContext | undefined, announced: Announced): Steps {
  const cpu = yield* this_cpu()
  const id = next?.id ?? INIT_MM
  const prev = yield* load(cpu.loaded_mm, { label: 'real_prev = loaded_mm' })
  const lazy = yield* load(cpu.is_lazy, { label: 'was_lazy = is_lazy' })
  if (lazy) yield* store(cpu.is_lazy, 0, { label: 'is_lazy = false' })
  if (prev === id) {
    if (lazy && next) yield* leave_lazy(cpu, next)
    return
  }
  if (announced === 'first') yield* announce(cpu)
  const needFlush = yield* join(cpu, prev, next)
  if (announced === 'late') yield* announce(cpu)
  yield* load_new_mm_cr3(cpu, next, needFlush)
  yield* smp_mb()
  yield* store(cpu.loaded_mm, id, { label: 'loaded_mm = next' })
}

/** `arch/x86/mm/tlb.c:enter_lazy_tlb`: a kernel thread keeps the address space loaded. */
export function* x86_enter_lazy_tlb(): Steps {
  const cpu = yield* this_cpu()
  if ((yield* load(cpu.loaded_mm, { label: 'loaded_mm' })) === INIT_MM) return
  yield* store(cpu.is_lazy, 1, { label: 'is_lazy = true' })
}
