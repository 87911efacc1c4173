import { type Cell, Memory } from '../engine/model/memory.js'
import { Sequential } from '../engine/model/sequential.js'
import type { Steps } from '../engine/model/step.js'
import { hmm_dmirror_init } from '../kernel/drivers/test_hmm/hmm_dmirror_init.js'
import { REAL } from '../kernel/geometry.js'
import type { Mm } from '../kernel/include/mm.js'
import { activate, Kernel } from '../kernel/kernel.js'
import { Machine } from '../machine/machine.js'
import type { Profile } from '../machine/profile.js'
import { x86Pv } from '../machine/profiles/x86-pv.js'
import type { Pin } from './pins.js'

/** One CPU, nobody else: TLBs are not modelled and flushes do nothing. Tables are freed without RCU: nobody walks them. */
const profile: Profile = {
  ...x86Pv, name: 'x86-sequential', title: 'x86-64, one operation at a time', *flush() {}, tableFreeing: 'pages',
}

/** A process of a program. */
export interface Process {
  readonly mm: Mm
  readonly pins: Map<number, Pin>
}

/** The modelled machine that programs run on. Booted once; `reset` makes it as new. */
export class System {
  readonly kernel: Kernel
  readonly processes = new Map<number, Process>()
  private readonly memory = new Memory()
  private readonly initial: Int32Array
  private readonly zeroCells: readonly Cell[]
  private readonly runner: Sequential

  constructor() {
    this.kernel = new Kernel(new Machine(this.memory, profile, { cpus: 1 }), { geometry: REAL })
    hmm_dmirror_init(this.kernel)
    this.initial = Int32Array.from(this.memory.initial)
    const { zeroPage, hugeZeroPage, blocks } = this.kernel.memory
    this.zeroCells = [zeroPage, ...blocks[hugeZeroPage.block]!.pages].flatMap((page) => [page.flags, page.content])
    this.runner = new Sequential(this.memory, this.kernel.cpus[0], this.initial.slice())
  }

  /** As booted, but for what the zero pages carry from program to program. */
  reset(): void {
    activate(this.kernel)
    const kept = this.zeroPages()
    this.runner.state.set(this.initial)
    this.setZeroPages(kept)
    this.processes.clear()
  }

  /** Flags and content of the zero page and of every page of the huge zero page: they outlive programs. */
  zeroPages(): number[] {
    return this.zeroCells.map((cell) => this.get(cell))
  }

  setZeroPages(values: readonly number[]): void {
    for (const [i, cell] of this.zeroCells.entries()) this.runner.state[cell] = values[i]!
  }

  run<T>(code: Steps<T>): T {
    return this.runner.run(code)
  }

  get(cell: number): number {
    return this.runner.state[cell]!
  }
}
