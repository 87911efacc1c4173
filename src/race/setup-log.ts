import { UserError } from '../engine/errors.js'
import type { Access, Cell } from '../engine/model/memory.js'
import { Sequential } from '../engine/model/sequential.js'
import type { Kernel } from '../kernel/kernel.js'
import type { Observer } from '../kernel/observer.js'
import type { Cpu } from '../machine/cpu.js'
import type { AccessHook } from '../machine/user.js'

type Told = (m: Access, oracles: Heard) => void

/** Whom oracles have entered to hear of what happens. */
interface Heard {
  readonly observers: readonly Observer[]
  readonly accessHooks: readonly AccessHook[]
}

/** Runs kernel code, and puts down every cell that it writes. */
class Recorded extends Sequential {
  constructor(kernel: Kernel, cpu: Cpu, state: Int32Array<ArrayBuffer> | undefined, private readonly log: Told[]) {
    super(kernel.machine.memory, cpu, state)
  }

  override set(cell: Cell, value: number): void {
    // Before what watchers of the kernel make of it: they will do so again.
    this.log.push((m) => m.set(cell, value))
    super.set(cell, value)
  }
}

/**
 * All that happens while a race is set up, in its order. Oracles lay out their books for what set-up has made, and so come after it; then
 * all of it happens once more before their eyes. A pin that was taken there has a holder, and what was written there may not be lost.
 */
export class SetupLog {
  private readonly log: Told[] = []
  /** All cells as they were before. */
  private before: readonly number[]
  private readonly observer: Observer
  private readonly hook: AccessHook

  constructor(private readonly kernel: Kernel) {
    this.before = [...kernel.machine.memory.initial]
    this.observer = new Proxy<Observer>({}, {
      get: (_, name: keyof Observer) => (_: Access, ...given: readonly unknown[]): void => {
        // Lists go on being filled.
        const args = given.map((arg) => (Array.isArray(arg) ? [...arg as unknown[]] : arg))
        this.log.push((m, { observers }) => {
          for (const observer of observers) (observer[name] as ((m: Access, ...args: readonly unknown[]) => void) | undefined)?.call(observer, m, ...args)
        })
      },
    })
    this.hook = (_, access) => void this.log.push((m, { accessHooks }) => accessHooks.forEach((hook) => hook(m, access)))
    kernel.observers.push(this.observer)
    kernel.machine.accessHooks.push(this.hook)
  }

  /** What set-up runs kernel code with, on this CPU. */
  runOn(cpu: Cpu, state?: Int32Array<ArrayBuffer>): Sequential {
    return new Recorded(this.kernel, cpu, state, this.log)
  }

  /** Set-up is over, and has left this. */
  finish(state: Int32Array): void {
    const { initial } = this.kernel.machine.memory
    this.before = [...this.before, ...initial.slice(this.before.length)]
    initial.splice(0, initial.length, ...state)
  }

  /**
   * Has oracles installed, in the state before set-up, and tells them. The state that threads start from has their books in it.
   * Throws if they object already: no search would come by that.
   */
  tell(install: () => void): void {
    const { observers, machine: { memory, accessHooks } } = this.kernel
    observers.splice(observers.indexOf(this.observer), 1)
    accessHooks.splice(accessHooks.indexOf(this.hook), 1)
    const after = memory.initial.splice(0, this.before.length, ...this.before)
    install()
    const again = new Sequential(memory, this.kernel.cpus[0])
    for (const tell of this.log) tell(again, { observers, accessHooks })
    const [wrong] = again.violations
    if (wrong) throw new UserError('setup-violates', `setup() itself violates ${wrong.oracle}: ${wrong.message}`, 'what a race is about happens in its lanes')
    memory.initial.splice(0, memory.initial.length, ...after, ...again.state.slice(after.length))
  }
}
