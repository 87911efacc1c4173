import { Memory } from '../engine/model/memory.js'
import { Sequential } from '../engine/model/sequential.js'
import type { Steps } from '../engine/model/step.js'
import { REAL } from '../kernel/geometry.js'
import { PG_referenced } from '../kernel/include/page_flags.js'
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
  private runner: Sequential

  constructor() {
    this.kernel = new Kernel(new Machine(this.memory, profile, { cpus: 1 }), { geometry: REAL })
    this.initial = Int32Array.from(this.memory.initial)
    this.runner = this.fresh()
  }

  private fresh(): Sequential {
    return new Sequential(this.memory, this.kernel.cpus[0], this.initial.slice())
  }

  /** As booted, but for the flags of the two zero pages: those live on from program to program. */
  reset(): void {
    activate(this.kernel)
    const zeroPages = [this.kernel.memory.zeroPage.flags, this.kernel.memory.hugeZeroPage.flags]
    const kept = zeroPages.map((cell) => this.get(cell))
    this.runner = this.fresh()
    for (const [i, cell] of zeroPages.entries()) this.runner.state[cell] = kept[i]!
    this.processes.clear()
  }

  /** The state a program started from, to run it again. */
  zeroReferenced(): readonly boolean[] {
    const { zeroPage, hugeZeroPage } = this.kernel.memory
    return [zeroPage, hugeZeroPage].map((page) => (this.get(page.flags) & PG_referenced) !== 0)
  }

  /** Before a program: the other value of PG_referenced for one of the zero pages. */
  setZeroReferenced(referenced: readonly boolean[]): void {
    const { zeroPage, hugeZeroPage } = this.kernel.memory
    for (const [i, page] of [zeroPage, hugeZeroPage].entries()) {
      const flags = this.get(page.flags) & ~PG_referenced
      this.runner.state[page.flags] = referenced[i] ? flags | PG_referenced : flags
    }
  }

  run<T>(code: Steps<T>): T {
    return this.runner.run(code)
  }

  get(cell: number): number {
    return this.runner.state[cell]!
  }
}
