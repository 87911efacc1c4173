import type { Memory } from '../engine/model/memory.js'
import type { Steps } from '../engine/model/step.js'
import { Cpu } from './cpu.js'
import type { FlushRange } from './flush.js'
import { Iommu } from './iommu.js'
import { MmContext } from './mm-context.js'
import type { HardwareUpdates, Profile } from './profile.js'
import { Rcu } from './rcu.js'
import { Tlb, type Translator } from './tlb.js'
import { kernelRules, type TlbRules } from './tlb-rules.js'
import type { AccessHook } from './user.js'

export interface MachineOptions {
  /** Number of CPUs, 1 to 26. */
  cpus: number
  /** Track what TLBs and walk caches may hold. Default true. */
  tlb?: boolean
  /** How many stale entries one CPU may hold for one address. More is an error of the model. Default 3. */
  staleDepth?: number
  /** Number of IOMMUs that walk the CPUs' tables. Default 0. */
  iommus?: number
  /** What TLBs may hold. Default: the rules for kernel code. */
  rules?: TlbRules
  /** Whether hardware maintains ACCESSED and DIRTY, by CPU. Default: as the profile says. */
  updates?: readonly HardwareUpdates[]
}

/** The hardware of one modelled system, laid out in `memory` at set-up. */
export class Machine {
  readonly cpus: readonly Cpu[]
  readonly iommus: readonly Iommu[]
  /** All that walk page tables: the CPUs, then the IOMMUs. */
  readonly translators: readonly Translator[]
  readonly rcu: Rcu
  /** Absent when translations are not tracked: then flushes only wait, and user accesses always use the tables. */
  readonly tlb: Tlb | undefined
  /** Called in every step in which user code accesses memory. */
  readonly accessHooks: AccessHook[] = []
  readonly contexts: MmContext[] = []
  /** Runs at the end of every flush. Set at set-up by kernels that invalidate secondary TLBs there (since 6.6). */
  afterFlush: ((mm: MmContext, range: FlushRange) => Steps) | undefined
  /** x86: flush_tlb_range() reaches lazy CPUs too, as if tables had been freed. */
  rangeFlushForTables = true

  constructor(readonly memory: Memory, readonly profile: Profile, options: MachineOptions) {
    const { tlb = true, staleDepth = 3, rules = kernelRules(profile), updates = [] } = options
    this.cpus = Array.from({ length: options.cpus }, (_, index) => new Cpu(this, index, updates[index] ?? profile))
    this.iommus = Array.from({ length: options.iommus ?? 0 }, (_, nr) => new Iommu(memory, this, this.cpus.length + nr, nr))
    this.translators = [...this.cpus, ...this.iommus]
    this.rcu = new Rcu(memory, this.cpus)
    if (tlb) this.tlb = new Tlb(memory, profile, rules, this.translators, this.cpus, staleDepth)
  }

  /** Lays out the machine's part of an address space. */
  context(name: string): MmContext {
    const context = new MmContext(this.memory, this.contexts.length + 1, name, this.cpus.length)
    this.contexts.push(context)
    return context
  }

  /** At set-up: `cpu` starts with this address space loaded. */
  startOn(cpu: Cpu, context: MmContext): void {
    this.memory.initial[cpu.loaded_mm] = context.id
    this.memory.initial[cpu.cr3] = context.id
    this.memory.initial[context.cpumask]! |= cpu.bit
    this.memory.initial[context.behind[cpu.index]!] = 0
  }
}
