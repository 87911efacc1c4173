import { expect, it } from 'vitest'
import { lockdep } from '../../src/engine/model/lock.js'
import type { Steps } from '../../src/engine/model/step.js'
import { check } from '../../src/engine/search/explore.js'
import { mutex_lock, mutex_unlock } from '../../src/kernel/locking/mutex.js'
import { down_read, up_read } from '../../src/kernel/locking/rwsem.js'
import { spin_lock, spin_unlock } from '../../src/kernel/locking/spinlock.js'
import { alloc_page } from '../../src/kernel/mm/page_alloc.js'
import { GFP_ATOMIC, GFP_KERNEL } from '../../src/kernel/include/gfp.js'
import { local_irq_restore, local_irq_save } from '../../src/machine/irq.js'
import { HARDIRQ } from '../../src/machine/lock-context.js'
import { rcu_read_lock, rcu_read_unlock, synchronize_rcu } from '../../src/machine/rcu.js'
import { boot } from '../../src/race/boot.js'
import { holds, type Race, race } from '../../src/race/race.js'
import type { Cell } from '../../src/engine/model/memory.js'

interface Locks { readonly a: Cell; readonly b: Cell }

/** What O12 says of CPUs that run this; with locks a and b. */
function said(...bodies: ((locks: Locks) => Steps<unknown>)[]): string[] {
  const one: Race = race({
    name: 'locks', title: 'locks', oracles: ['O12'], sometimes: ['never'], variants: { fixed: { expect: holds } },
    setup: ({ kernel: { machine: { memory } } }) => ({ a: memory.cell('driver0.a'), b: memory.cell('driver0.b') }),
    cpus: Object.fromEntries(bodies.map((body, i) => [`cpu${i}`, body])),
  })
  const result = check(boot(one, { arch: 'arm64' }), { all: true })
  return result.verdict === 'violated' ? result.found.map(({ violation }) => violation.message) : []
}

function* sleeps({ a, b }: Locks): Steps {
  yield* spin_lock(a, 'spin_lock(a)')
  yield* mutex_lock(b)
  yield* mutex_unlock(b)
  yield* spin_unlock(a, 'spin_unlock(a)')
}

function* allocates({ a }: Locks, gfp: number): Steps {
  yield* spin_lock(a, 'spin_lock(a)')
  yield* alloc_page(gfp)
  yield* spin_unlock(a, 'spin_unlock(a)')
}

function* waits_for_readers(): Steps {
  yield* rcu_read_lock()
  yield* synchronize_rcu()
  yield* rcu_read_unlock()
}

function* handler({ a }: Locks): Steps {
  yield* lockdep({ op: 'acquire', lock: HARDIRQ })
  yield* spin_lock(a, 'spin_lock(a)')
  yield* spin_unlock(a, 'spin_unlock(a)')
  yield* lockdep({ op: 'release', lock: HARDIRQ })
}

function* with_irqs_on({ a }: Locks): Steps {
  yield* spin_lock(a, 'spin_lock(a)')
  yield* spin_unlock(a, 'spin_unlock(a)')
}

function* with_irqs_off(locks: Locks): Steps {
  const flags = yield* local_irq_save()
  yield* with_irqs_on(locks)
  yield* local_irq_restore(flags)
}

/** A lock that is safe in itself leads to one that is held with interrupts on. */
function* inner_unsafe({ a, b }: Locks): Steps {
  const flags = yield* local_irq_save()
  yield* spin_lock(a, 'spin_lock(a)')
  yield* spin_lock(b, 'spin_lock(b)')
  yield* spin_unlock(b, 'spin_unlock(b)')
  yield* spin_unlock(a, 'spin_unlock(a)')
  yield* local_irq_restore(flags)
}

function* b_with_irqs_on({ b }: Locks): Steps {
  yield* with_irqs_on({ a: b, b })
}

function* reads_twice({ a }: Locks): Steps {
  yield* down_read(a)
  yield* down_read(a)
  yield* up_read(a)
  yield* up_read(a)
}

it('sleeping with a spinlock held, or in an RCU section', () => {
  const message = 'sleeping function called from invalid context: &driver->a'
  expect(said(sleeps)).toEqual([message])
  expect(said((locks) => allocates(locks, GFP_KERNEL))).toContain(message)
  expect(said((locks) => allocates(locks, GFP_ATOMIC))).toEqual([])
  expect(said(waits_for_readers)).toContain('possible recursive locking: rcu_read_lock')
})

it('a lock of an interrupt handler, held with interrupts on', () => {
  expect(said(handler, with_irqs_on)).toEqual(['possible circular locking: hardirq > &driver->a > hardirq'])
  expect(said(handler, with_irqs_off)).toEqual([])
  expect(said(handler, inner_unsafe)).toEqual([])
  expect(said(handler, inner_unsafe, b_with_irqs_on)).toEqual(['possible circular locking: hardirq > &driver->a > &driver->b > hardirq'])
})

it('a reader that takes its lock again, with a writer in between', () => {
  expect(said(reads_twice)).toEqual(['possible recursive locking: &driver->a'])
})
