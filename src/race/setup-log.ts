import type { Access } from '../engine/model/memory.js'
import { Sequential } from '../engine/model/sequential.js'
import type { Kernel } from '../kernel/kernel.js'
import type { Observer } from '../kernel/observer.js'
import type { AccessHook } from '../machine/user.js'

type Told = (observer: Observer, hooks: readonly AccessHook[], m: Access) => void

/**
 * What oracles would have been told while a race was set up. They lay out their books for what set-up has made, and so
 * come after it; then they hear of the pins that were taken there, of what was written, of what was promised.
 */
export class SetupLog {
  private readonly told: Told[] = []
  private readonly observer: Observer

  constructor(private readonly kernel: Kernel) {
    this.observer = new Proxy<Observer>({}, {
      get: (_, name: keyof Observer) => (_: Access, ...args: readonly unknown[]): void => void this.told.push((observer, _, m) => {
        const tell = observer[name] as ((m: Access, ...args: readonly unknown[]) => void) | undefined
        tell?.call(observer, m, ...args)
      }),
    })
    kernel.observers.push(this.observer)
    kernel.machine.accessHooks.push(this.hook)
  }

  /** Tells those who observe by now, in the state that set-up has left. What they object to has been over before the race begins. */
  tell(): void {
    const { observers, machine: { memory, accessHooks } } = this.kernel
    observers.splice(observers.indexOf(this.observer), 1)
    accessHooks.splice(accessHooks.indexOf(this.hook), 1)
    const after = new Sequential(memory, this.kernel.cpus[0])
    for (const tell of this.told) {
      for (const observer of observers) tell(observer, [], after)
      tell({}, accessHooks, after)
    }
    memory.initial.splice(0, memory.initial.length, ...after.state)
  }

  private readonly hook: AccessHook = (_, access) => void this.told.push((_, hooks, m) => hooks.forEach((hook) => hook(m, access)))
}
