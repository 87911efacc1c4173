import type { Access, Cell } from '../../engine/model/memory.js'
import { atomic, Blocked, type Step, type Steps } from '../../engine/model/step.js'
import { this_cpu } from '../../machine/cpu.js'
import { add } from '../include/cells.js'
import { EALREADY, EDEADLK } from '../include/errno.js'
import type { WwAcquireCtx } from '../include/ww_mutex.js'
import { has, kernel } from '../kernel.js'
import { released, taken } from './lock-op.js'

/*
 * kernel/locking/ww_mutex.h: mutexes of which a thread takes several in any order. Of two that want each other's, the
 * one that came later drops what it has (wait-die, the class of dma_resv). A ww_mutex is a cell: 0 free; n held by the
 * context of CPU n-1; -n held by CPU n-1 without a context. Waiters are not queued: whom the kernel tells to back off
 * because an older one waits in front of it backs off here when that one has got the lock.
 */

/** The classes of reservation_ww_class: with a ticket any number of mutexes may be taken, in any order. */
export const RESV_TICKET = 'reservation_ww_class_acquire'
export const RESV_CLASS = 'reservation_ww_class_mutex'
const WITH_TICKET = { class: RESV_CLASS, nest: RESV_TICKET, sleeps: true } as const

/** kernel/locking/mutex.c:ww_acquire_init. Stamps are places in an order, so that they do not grow for ever. */
export function* ww_acquire_init(): Steps<WwAcquireCtx> {
  const { index } = yield* this_cpu()
  const { wwContexts } = kernel()
  yield* atomic('ww_acquire_init(ticket)', (m) => {
    const older = wwContexts.filter((ctx) => m.get(ctx.stamp) > 0).toSorted((a, b) => m.get(a.stamp) - m.get(b.stamp))
    older.forEach((ctx, i) => m.set(ctx.stamp, i + 1))
    m.set(wwContexts[index]!.stamp, older.length + 1)
  }, { lock: { op: 'acquire', lock: RESV_TICKET } })
  return wwContexts[index]!
}

/** include/linux/ww_mutex.h:ww_acquire_fini */
export const ww_acquire_fini = (ctx: WwAcquireCtx): Step<void> =>
  atomic('ww_acquire_fini(ticket)', (m) => m.set(ctx.stamp, 0), { lock: { op: 'release', lock: RESV_TICKET } })

/** kernel/locking/ww_mutex.h:__ww_mutex_check_kill: whether the context must not wait for who holds the lock. */
function must_back_off(m: Access, owner: number, ctx: WwAcquireCtx): boolean {
  const holder = owner > 0 ? kernel().wwContexts[owner - 1] : undefined
  if (!holder || has('mutant-ww-waits')) return false
  return m.get(ctx.acquired) > 0 && m.get(holder.stamp) < m.get(ctx.stamp)
}

const held = (owner: number): Blocked => new Blocked(`held by CPU ${String.fromCharCode(64 + Math.abs(owner))}`)

/**
 * kernel/locking/mutex.c:ww_mutex_lock with a context. 0; -EALREADY: it holds it already; -EDEADLK: it has to drop all
 * it holds, and then to come back with ww_mutex_lock_slow().
 */
export const ww_mutex_lock = (lock: Cell, ctx: WwAcquireCtx, label = 'ww_mutex_lock(lock, ctx)'): Step<number> =>
  atomic(label, (m) => {
    const owner = m.get(lock)
    if (owner === ctx.cpu + 1) return -EALREADY
    if (owner !== 0) return must_back_off(m, owner, ctx) ? -EDEADLK : held(owner)
    m.set(lock, ctx.cpu + 1)
    add(m, ctx.acquired, 1)
    return 0
  }, { order: 'acquire', lock: taken(lock, { ...WITH_TICKET, succeeds: (error) => error === 0 }) })

/** include/linux/ww_mutex.h:ww_mutex_lock_slow, after -EDEADLK. The context holds nothing, so it may wait for anybody. */
export const ww_mutex_lock_slow = (lock: Cell, ctx: WwAcquireCtx, label = 'ww_mutex_lock_slow(lock, ctx)'): Step<void> =>
  atomic(label, (m) => {
    const owner = m.get(lock)
    if (owner !== 0) return held(owner)
    m.set(lock, ctx.cpu + 1)
    add(m, ctx.acquired, 1)
  }, { order: 'acquire', lock: taken(lock, WITH_TICKET) })

/** ww_mutex_lock without a context: as a mutex. */
export function* ww_mutex_lock_single(lock: Cell, label = 'ww_mutex_lock(lock, NULL)'): Steps {
  const { index } = yield* this_cpu()
  yield* atomic(label, (m) => (m.get(lock) === 0 ? m.set(lock, -index - 1) : held(m.get(lock))), {
    order: 'acquire', lock: taken(lock, { class: RESV_CLASS, sleeps: true }),
  })
}

/** kernel/locking/mutex.c:ww_mutex_trylock without a context. */
export function* ww_mutex_trylock(lock: Cell, label = 'ww_mutex_trylock(lock, NULL)'): Steps<boolean> {
  const { index } = yield* this_cpu()
  return yield* atomic(label, (m) => {
    if (m.get(lock) !== 0) return false
    m.set(lock, -index - 1)
    return true
  }, { order: 'acquire', lock: taken(lock, { class: RESV_CLASS, tries: true, succeeds: (got) => got === true }) })
}

/** kernel/locking/mutex.c:ww_mutex_unlock */
export const ww_mutex_unlock = (lock: Cell, label = 'ww_mutex_unlock(lock)'): Step<void> =>
  atomic(label, (m) => {
    const owner = m.get(lock)
    if (owner > 0) add(m, kernel().wwContexts[owner - 1]!.acquired, -1)
    m.set(lock, 0)
  }, { order: 'release', lock: released(lock) })
