import type { Access, Cell, Memory } from '../engine/model/memory.js'
import { lockdep } from '../engine/model/lock.js'
import { atomic, type Steps, until } from '../engine/model/step.js'
import { type Cpu, this_cpu } from './cpu.js'
import { ends, RCU, RCU_READ } from './lock-context.js'

/** `struct rcu_head`: one deferred action, made at set-up by `Rcu.head()`. */
export class RcuHead {
  /** The CPUs whose sections it still waits for; 0 when it is not queued. */
  readonly waits: Cell

  constructor(memory: Memory, readonly name: string, readonly run: (m: Access) => void) {
    this.waits = memory.cell(`rcu:${name}`)
  }
}

/**
 * Grace periods. One ends exactly when every CPU that was inside a read-side section at its start has left it, and
 * its callback runs in that very step: no earlier is allowed, and later would give the opponents less.
 */
export class Rcu {
  private readonly heads: RcuHead[] = []

  constructor(private readonly memory: Memory, private readonly cpus: readonly Cpu[]) {}

  /** Lays out a deferred action. `run` is what the callback does to cells, as one atomic step. */
  head(name: string, run: (m: Access) => void): RcuHead {
    const head = new RcuHead(this.memory, name, run)
    this.heads.push(head)
    return head
  }

  /** The CPUs now inside a read-side section, as a mask. */
  readers(m: Access): number {
    return this.cpus.reduce((mask, cpu) => (cpu.inSection(m) ? mask | cpu.bit : mask), 0)
  }

  /** `cpu` has left its read-side section. */
  quiescent(m: Access, cpu: Cpu): void {
    for (const other of this.cpus) m.set(other.gp_wait, m.get(other.gp_wait) & ~cpu.bit)
    for (const head of this.heads) {
      const waits = m.get(head.waits)
      if (!(waits & cpu.bit)) continue
      m.set(head.waits, waits & ~cpu.bit)
      if (waits === cpu.bit) this.invoke(m, head)
    }
  }

  queue(m: Access, head: RcuHead): void {
    if (m.get(head.waits)) m.violate('double-free', `call_rcu() of ${head.name}, which is queued already`)
    const readers = this.readers(m)
    if (readers) m.set(head.waits, readers)
    else this.invoke(m, head)
  }

  private invoke(m: Access, head: RcuHead): void {
    m.note(`grace period over: ${head.name}`)
    head.run(m)
  }
}

export function* rcu_read_lock(): Steps {
  const cpu = yield* this_cpu()
  yield* atomic('rcu_read_lock()', (m) => cpu.setSection(m, cpu.rcu_nesting, m.get(cpu.rcu_nesting) + 1), { lock: RCU_READ })
}

export function* rcu_read_unlock(): Steps {
  const cpu = yield* this_cpu()
  yield* atomic('rcu_read_unlock()', (m) => cpu.setSection(m, cpu.rcu_nesting, m.get(cpu.rcu_nesting) - 1), { lock: ends(RCU) })
}

/** Runs the action of `head` after a grace period; at once if no CPU is inside a read-side section. */
export function* call_rcu(head: RcuHead): Steps {
  const { machine } = yield* this_cpu()
  yield* atomic(`call_rcu(${head.name})`, (m) => machine.rcu.queue(m, head))
}

/** Waits for a grace period. */
export function* synchronize_rcu(): Steps {
  const cpu = yield* this_cpu()
  yield* lockdep({ op: 'acquire', lock: RCU }, { op: 'release', lock: RCU })
  yield* atomic('synchronize_rcu()', (m) => {
    if (cpu.inSection(m)) m.violate('deadlock', 'synchronize_rcu() inside a read-side section')
    m.set(cpu.gp_wait, cpu.machine.rcu.readers(m))
  }, { lock: { op: 'sleep' } })
  yield* until(cpu.gp_wait, (readers) => readers === 0, { label: 'grace period over' })
}
