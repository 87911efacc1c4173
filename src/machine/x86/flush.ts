import { atomic, load, type Step, type Steps } from '../../engine/model/step.js'
import { type Cpu, SWITCHING, this_cpu } from '../cpu.js'
import { ipi_flush } from '../flush/ipi-flush.js'
import { everything, type FlushRange } from '../flush.js'
import { ipi } from '../ipi.js'
import type { Machine } from '../machine.js'
import type { MmContext } from '../mm-context.js'
import { flush_tlb_func, type FlushInfo } from './flush-tlb-func.js'
import { inc_mm_tlb_gen, release } from './tlb-gen.js'

/** How one other CPU is made to run flush_tlb_func(). */
export type Tell = (target: Cpu, info: FlushInfo) => Step<void>

export const by_ipi: Tell = (target, info) => ipi(target, (m, cpu) => flush_tlb_func(m, cpu, info))

/**
 * `arch/x86/kernel/kvm.c:kvm_flush_tlb_multi`: a preempted virtual CPU gets a flag and drops everything before it
 * runs again. Any may be preempted, with interrupts off as well, so the sender waits for nobody.
 */
export const by_hypervisor: Tell = (target, info) =>
  atomic(`flush TLB of v${target.name}`, (m) => {
    if (!m.get(target.irqs_off)) return flush_tlb_func(m, target, info)
    for (const mm of target.machine.contexts) target.machine.tlb?.drop(m, target, mm, everything, true)
  })

/** `should_flush_tlb`: lazy CPUs and those that have another address space loaded are left alone. */
function* should_flush_tlb(target: Cpu, mm: MmContext | undefined): Steps<boolean> {
  const loaded = yield* load(target.loaded_mm, { label: `${target.name}: loaded_mm` })
  if (yield* load(target.is_lazy, { label: `${target.name}: is_lazy` })) return false
  return mm === undefined || loaded === SWITCHING || loaded === mm.id
}

function* flush_remote(target: Cpu, info: FlushInfo, tell: Tell): Steps {
  if (info.range.freedTables || (yield* should_flush_tlb(target, info.mm))) yield* tell(target, info)
}

/** `native_flush_tlb_multi`. This CPU comes last, as the most adverse time. */
export function* flush_tlb_multi(mask: number, info: FlushInfo, tell: Tell): Steps {
  const self = info.from
  for (const target of self.machine.cpus) if (target !== self && mask & target.bit) yield* flush_remote(target, info, tell)
  yield* atomic('flush_tlb_func()', (m) => {
    if (mask & self.bit) flush_tlb_func(m, self, info)
    release(m, self)
  })
}

function* flush_tlb_mm_range(mm: MmContext, range: FlushRange, tell: Tell): Steps {
  const from = yield* this_cpu()
  yield* inc_mm_tlb_gen(from, mm)
  const mask = yield* load(mm.cpumask, { label: 'mm_cpumask(mm)' })
  yield* flush_tlb_multi(mask, { mm, range: range.fullmm ? wholeSpace(range) : range, from }, tell)
}

const wholeSpace = ({ freedTables }: FlushRange): FlushRange => ({ ...everything, freedTables })

/** `arch/x86/include/asm/tlbflush.h:flush_tlb_range`: it may be on behalf of a page table that has been taken out. */
const as_called = (range: FlushRange, { rangeFlushForTables }: Machine): FlushRange =>
  (range.call === 'range' && rangeFlushForTables ? { ...range, freedTables: true } : range)

/** `arch/x86/mm/tlb.c:flush_tlb_mm_range` without paravirtualisation: cannot return while a target has interrupts off. */
export function* native_flush_tlb(mm: MmContext, range: FlushRange): Steps {
  const { machine } = yield* this_cpu()
  if (machine.tlb) yield* flush_tlb_mm_range(mm, as_called(range, machine), by_ipi)
  else yield* ipi_flush(mm, as_called(range, machine))
}

/** The same under a hypervisor. */
export function* paravirt_flush_tlb(mm: MmContext, range: FlushRange): Steps {
  const { machine } = yield* this_cpu()
  if (machine.tlb) yield* flush_tlb_mm_range(mm, as_called(range, machine), by_hypervisor)
}
