import { type Cell, Memory } from '../engine/model/memory.js'
import { Sequential } from '../engine/model/sequential.js'
import type { Steps } from '../engine/model/step.js'
import { changesOf } from '../kernel/changes/changes_of.js'
import { hmm_dmirror_init } from '../kernel/drivers/test_hmm/hmm_dmirror_init.js'
import type { Mm } from '../kernel/include/mm.js'
import type { Page } from '../kernel/include/page.js'
import { activate, Kernel } from '../kernel/kernel.js'
import { no_step } from '../machine/entry.js'
import { Machine } from '../machine/machine.js'
import { DEFAULT_KERNEL, type KernelName } from '../machine/kernels.js'
import type { Profile } from '../machine/profile.js'
import type { History } from './history.js'
import { recordedMachine, type RecordedMachine } from './machines.js'
import type { Pin } from './pins.js'

/**
 * One CPU, nobody else: TLBs are not modelled and flushes do nothing. Tables are freed
 * without RCU: nobody walks them.
 */
const alone = (profile: Profile): Profile =>
  ({ ...profile, title: `${profile.title}, one operation at a time`, flush: no_step, tableFreeing: 'pages' })

/** A process of a program. */
export interface Process {
  readonly mm: Mm
  readonly pins: Map<number, Pin>
  /** What it has outside of the region that programs work on. */
  readonly others: readonly Page[]
}

/** The modelled machine that programs run on. Booted once; `reset` makes it as new. */
export class System {
  readonly kernel: Kernel
  readonly recorded: RecordedMachine
  readonly processes = new Map<number, Process>()
  private readonly memory = new Memory()
  private readonly initial: Int32Array
  /** The zero page, and those of the huge zero page. */
  private readonly zeroPages: readonly Page[]
  private readonly runner: Sequential

  constructor(Runner: typeof Sequential = Sequential, kernel: KernelName = DEFAULT_KERNEL, arch = 'x86-native') {
    this.recorded = recordedMachine(arch, kernel)
    const { profile, geometry } = this.recorded
    this.kernel = new Kernel(new Machine(this.memory, alone(profile), { cpus: 1 }), { geometry, changes: changesOf(kernel) })
    if (this.hasMirror) hmm_dmirror_init(this.kernel)
    this.initial = Int32Array.from(this.memory.initial)
    const { zeroPage, hugeZeroPage, blocks } = this.kernel.memory
    this.zeroPages = [zeroPage, ...blocks[hugeZeroPage.block]!.pages]
    this.runner = new Runner(this.memory, this.kernel.cpus[0], this.initial.slice())
  }

  /** Whether it has the test device (lib/test_hmm.c). */
  get hasMirror(): boolean {
    return this.recorded.geometry.mirrors > 0
  }

  /** Pages that programs work on. */
  get region(): number {
    const { ptrsPerPte, ptrsPerPmd } = this.kernel.geometry
    return ptrsPerPte * ptrsPerPmd
  }

  /** As booted, but for what earlier programs left. */
  reset(history: History): void {
    activate(this.kernel)
    this.runner.restore(this.initial)
    for (const [cell, value] of history) this.runner.set(cell, value)
    this.processes.clear()
  }

  /** What this program leaves in the zero pages to the next. */
  zeroPageHistory(): History {
    const history = new Map<Cell, number>()
    for (const { flags, content } of this.zeroPages) {
      if (this.get(flags) !== this.initial[flags]) history.set(flags, this.get(flags))
      if (this.get(content) !== this.initial[content]) history.set(content, this.get(content))
    }
    return history
  }

  isZeroPage(page: Page): boolean {
    return this.zeroPages.includes(page)
  }

  /** The value of a cell after boot. */
  initialOf(cell: Cell): number {
    return this.initial[cell]!
  }

  run<T>(code: Steps<T>): T {
    return this.runner.run(code)
  }

  /** The values of all cells. */
  cells(): Int32Array {
    return this.runner.state.slice()
  }

  get(cell: number): number {
    return this.runner.state[cell]!
  }
}
