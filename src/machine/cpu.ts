import type { Access, Cell } from '../engine/model/memory.js'
import { context, type ContextRequest } from '../engine/model/step.js'
import type { Machine } from './machine.js'
import type { HardwareUpdates } from './profile.js'
import type { Translator } from './tlb.js'

/** `Cpu.loaded_mm` while no user address space is loaded. */
export const INIT_MM = 0
/** `Cpu.loaded_mm` in the middle of a context switch on x86 (LOADED_MM_SWITCHING). */
export const SWITCHING = -1

/** A CPU: the context object of the thread that runs on it. */
export class Cpu implements Translator {
  readonly name: string
  /** This CPU in a mask of CPUs. */
  readonly bit: number
  /** 1 while interrupts are off; IPIs to this CPU then wait. */
  readonly irqs_off: Cell
  /** Depth of rcu_read_lock(). */
  readonly rcu_nesting: Cell
  /** Depth of preempt_disable(), which since 4.20 is an RCU read-side section too. */
  readonly preempt_count: Cell
  /** `MmContext.id` of the loaded address space, INIT_MM or SWITCHING. */
  readonly loaded_mm: Cell
  /** The address space whose tables the walker uses: `loaded_mm` but for moments of a context switch. */
  readonly cr3: Cell
  /** x86 `cpu_tlbstate_shared.is_lazy`: a kernel thread runs on a borrowed address space. */
  readonly is_lazy: Cell
  /** The thread that ran here has given up its address space for good (current->mm = NULL). */
  readonly exited: Cell
  /** x86: the address space whose flush generation this CPU holds in a local variable, and how old that is by now. */
  readonly gen_mm: Cell
  readonly gen_age: Cell
  /** x86 `current->tlb_ubc.arch.cpumask`: CPUs that the batched unmap flush has to reach. */
  readonly tlb_ubc_cpumask: Cell
  /** ppc64-hash: 1 while entry changes queue their flush (`ppc64_tlb_batch.active`). */
  readonly lazy_mmu: Cell
  /** The CPUs whose sections synchronize_rcu() on this CPU still waits for. */
  readonly gp_wait: Cell

  constructor(readonly machine: Machine, readonly index: number, readonly updates: HardwareUpdates) {
    this.name = `CPU ${String.fromCharCode(65 + index)}`
    this.bit = 1 << index
    const cell = (field: string): Cell => machine.memory.quiet(`cpu${index}.${field}`)
    this.irqs_off = machine.memory.cell(`cpu${index}.irqs_off`, 0, { interest: 'said' }) // whoever sends an IPI waits for it
    this.rcu_nesting = cell('rcu_nesting')
    this.preempt_count = cell('preempt_count')
    this.loaded_mm = cell('loaded_mm')
    this.cr3 = cell('cr3')
    this.is_lazy = cell('is_lazy')
    this.exited = machine.memory.ghost(`cpu${index}.exited`)
    this.gen_mm = cell('gen_mm')
    this.gen_age = cell('gen_age')
    this.tlb_ubc_cpumask = cell('tlb_ubc_cpumask')
    this.lazy_mmu = cell('lazy_mmu')
    this.gp_wait = cell('gp_wait')
  }

  /** A CPU that is lazy, whose thread has exited, or with interrupts off as in switch_mm(), makes no access to user addresses; its walker may run. */
  idle(m: Access): boolean {
    return m.get(this.is_lazy) !== 0 || m.get(this.irqs_off) !== 0 || m.get(this.exited) !== 0
  }

  /** Whether this CPU is inside an RCU read-side section: rcu_read_lock, interrupts off or preemption off. */
  inSection(m: Access): boolean {
    return m.get(this.irqs_off) !== 0 || m.get(this.rcu_nesting) !== 0 || m.get(this.preempt_count) !== 0
  }

  /**
   * Changes one of `irqs_off`, `rcu_nesting`, `preempt_count`, as part of a step. When that ends the read-side
   * section, the grace periods that waited for this CPU go on in the same step. For locks that also disable preemption.
   */
  setSection(m: Access, cell: Cell, value: number): void {
    m.set(cell, value)
    if (value === 0 && !this.inSection(m)) this.machine.rcu.quiescent(m, this)
  }
}

/** The CPU that runs this code. */
export const this_cpu = (): ContextRequest<Cpu> => context<Cpu>()
