import { beforeEach, describe, expect, it } from 'vitest'
import type { Steps } from '../../src/engine/model/step.js'
import { INTERVAL, type MmuNotifierRange } from '../../src/kernel/include/mmu_notifier.js'
import { device_write } from '../../src/kernel/drivers/secondary_mmu/device_access.js'
import { guest_write } from '../../src/kernel/drivers/secondary_mmu/guest_access.js'
import { kvm_mmu_notifier_ops } from '../../src/kernel/drivers/secondary_mmu/kvm_mmu_notifier_ops.js'
import { kvm_page_fault } from '../../src/kernel/drivers/secondary_mmu/kvm_page_fault.js'
import { dup_mm } from '../../src/kernel/mm/fork/mm_lifetime.js'
import { mmput } from '../../src/kernel/mm/fork/mmput.js'
import { ksm_do_scan } from '../../src/kernel/mm/ksm/ksm_do_scan.js'
import { sys_madvise } from '../../src/kernel/mm/madvise/sys_madvise.js'
import { mmu_interval_notifier_insert, mmu_interval_notifier_remove, mmu_interval_set_seq } from '../../src/kernel/mm/mmu_interval_notifier.js'
import {
  mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start, mmu_notifier_invalidate_range_start_nonblock,
} from '../../src/kernel/mm/mmu_notifier.js'
import { mmu_notifier_get, mmu_notifier_put } from '../../src/kernel/mm/mmu_notifier/mmu_notifier_get.js'
import { mmu_notifier_register, mmu_notifier_unregister } from '../../src/kernel/mm/mmu_notifier/mmu_notifier_register.js'
import { oom_reap_task_mm } from '../../src/kernel/mm/oom_kill/oom_reap_task_mm.js'
import { user_write } from '../../src/kernel/mm/user/user_access.js'
import { System } from './system.js'

const MADV_MERGEABLE = 12

/** What was called, in order. */
let calls: string[] = []
beforeEach(() => {
  calls = []
})

/** A step-less callback that says that it was called. */
const says = (what: string) => function* (): Steps<void> {
  record.add(what)
}
const record = { add: (what: string) => void calls.push(what) }

/** One mm with a page, and a subscriber that only listens. */
function boot(more: Partial<ConstructorParameters<typeof System>[0]> = {}) {
  const s = new System({ pages: 12, ...more })
  const [mmu, other] = s.mmus(2, 'to all')
  mmu!.notifier.ops = {
    invalidate_range_start: says('start'), invalidate_range_end: says('end'), change_pte: says('change_pte'), release: says('release'),
  }
  s.mmap(0, 2)
  s.write(0, 7)
  s.call(mmu_notifier_register(mmu!.notifier, s.mm))
  return { s, mmu: mmu!, other: other! }
}

describe('callbacks of the list', () => {
  it('change_pte comes inside start and end, when copy-on-write replaces a page', () => {
    const { s } = boot()
    s.call(dup_mm(s.mm))
    calls = []
    s.call(user_write(s.mm, 0, 1))
    expect(calls).toEqual(['start', 'change_pte', 'end'])
  })

  it('change_pte comes inside start and end, when KSM replaces a page', () => {
    const { s } = boot({ nodes: 2, ksmItems: 8, ksmNodes: 4 })
    s.write(1, 7)
    s.call(sys_madvise(s.mm, 0, 2, MADV_MERGEABLE))
    calls = []
    for (let i = 0; i < 3; i++) s.call(ksm_do_scan())
    expect(s.page(0)).toBe(s.page(1))
    expect(calls.filter((call) => call === 'change_pte').length).toBeGreaterThan(0)
    for (const [i, call] of calls.entries()) if (call === 'change_pte') expect([calls[i - 1], calls[i + 1]]).toEqual(['start', 'end'])
  })

  it('release comes once: from exit, or from unregister', () => {
    const { s, mmu } = boot()
    s.call(mmu_notifier_unregister(mmu.notifier, s.mm))
    s.call(mmput(s.mm))
    expect(calls).toEqual(['release'])
    const again = boot()
    calls = []
    again.s.call(mmput(again.s.mm))
    again.s.call(mmu_notifier_unregister(again.mmu.notifier, again.s.mm))
    expect(calls).toEqual(['release'])
  })

  it('get finds the one that the driver has; the last put takes it off the list', () => {
    const { s, mmu: { notifier }, other } = boot({ workers: 1 })
    other.notifier.driver = notifier.driver = 'driver'
    expect(s.call(mmu_notifier_get(other.notifier, s.mm))).toBe(notifier)
    s.call(mmu_notifier_put(notifier))
    expect(s.get(notifier.mm)).toBe(s.mm.ref)
    s.call(mmu_notifier_put(notifier))
    expect([s.get(notifier.mm), s.get(notifier.rcu!.pending) !== 0]).toEqual([0, true])
    expect(s.call(mmu_notifier_get(other.notifier, s.mm))).toBe(other.notifier)
  })

  it('exit leaves no shadow entry', () => {
    const { s, other } = boot()
    other.notifier.ops = kvm_mmu_notifier_ops(other)
    other.fault = (mm, hva, write) => kvm_page_fault(other, mm, hva, write)
    s.call(mmu_notifier_register(other.notifier, s.mm))
    expect(s.call(guest_write(other, s.mm, 0, 3))).toBe(true)
    s.call(mmput(s.mm))
    expect(s.call(device_write(other, 0, 4))).toBe(false)
  })

  it('start and end nest, and KVM counts them', () => {
    const { s, other } = boot()
    other.notifier.ops = kvm_mmu_notifier_ops(other)
    s.call(mmu_notifier_register(other.notifier, s.mm))
    s.call(mmu_notifier_invalidate_range_start(s.mm, 0, 1))
    s.call(mmu_notifier_invalidate_range_start(s.mm, 1, 2))
    expect(s.get(other.mmu_invalidate_in_progress)).toBe(2)
    s.call(mmu_notifier_invalidate_range_end(s.mm, 1, 2))
    const once = s.get(other.mmu_invalidate_seq)
    expect([s.get(other.mmu_invalidate_in_progress), once === 0]).toEqual([1, false])
    s.call(mmu_notifier_invalidate_range_end(s.mm, 0, 1))
    expect([s.get(other.mmu_invalidate_in_progress), [0, once].includes(s.get(other.mmu_invalidate_seq))]).toEqual([0, false])
  })
})

describe('a start that must not wait', () => {
  /** A subscriber that has to wait, and so has no end. */
  const refuses = function* ({ blockable }: MmuNotifierRange): Steps<boolean> {
    record.add(blockable === false ? '-EAGAIN' : 'waited')
    return blockable !== false
  }

  it('is ended for those that did start when one refuses', () => {
    const { s, other } = boot()
    other.notifier.ops = { invalidate_range_start: refuses }
    s.call(mmu_notifier_register(other.notifier, s.mm))
    expect(s.call(mmu_notifier_invalidate_range_start_nonblock(s.mm, 0, 2))).toBe(false)
    expect(calls).toEqual(['start', '-EAGAIN', 'end'])
  })

  it('keeps the OOM reaper from unmapping', () => {
    const { s, other } = boot()
    expect(s.call(oom_reap_task_mm(s.mm))).toBe(true)
    expect(s.page(0)).toBe(undefined)
    s.write(0, 7)
    other.notifier.ops = { invalidate_range_start: refuses }
    s.call(mmu_notifier_register(other.notifier, s.mm))
    expect(s.call(oom_reap_task_mm(s.mm))).toBe(false)
    expect(s.value(0)).toBe(7)
  })
})

describe('interval notifiers', () => {
  function interval() {
    const s = new System({ pages: 12 })
    s.mmap(0, 2)
    const [first, second] = s.mmus(2, 'to a range').map((mmu) => {
      mmu.interval.invalidate = function* ({ start, end }, cur_seq) {
        record.add(`mmu${mmu.index} ${start}-${end}`)
        yield* mmu_interval_set_seq(mmu.interval, cur_seq)
        return true
      }
      return mmu.interval
    })
    return { s, first: first!, second: second!, subs: s.kernel.mmuNotifiers.subscriptions[0]! }
  }

  it('are told of their range only', () => {
    const { s, first } = interval()
    s.call(mmu_interval_notifier_insert(first, s.mm, 0, 1))
    s.call(mmu_notifier_invalidate_range_start(s.mm, 1, 2))
    s.call(mmu_notifier_invalidate_range_end(s.mm, 1, 2))
    s.call(mmu_notifier_invalidate_range_start(s.mm, 0, 2))
    s.call(mmu_notifier_invalidate_range_end(s.mm, 0, 2))
    expect(calls).toEqual(['mmu0 0-2'])
  })

  it('that come or go during an invalidation wait for the end of the last', () => {
    const { s, first, second, subs } = interval()
    s.call(mmu_interval_notifier_insert(first, s.mm, 0, 1))
    s.call(mmu_notifier_invalidate_range_start(s.mm, 0, 1))
    expect(s.get(subs.invalidate_seq) & 1).toBe(1)
    s.call(mmu_interval_notifier_insert(second, s.mm, 0, 2))
    expect([s.get(second.state), s.get(second.invalidate_seq)]).toEqual([INTERVAL.DEFERRED_INSERT, s.get(subs.invalidate_seq)])
    expect(() => s.call(mmu_interval_notifier_remove(first, s.mm))).toThrow(/wait_event/)
    expect(s.get(first.state)).toBe(INTERVAL.DEFERRED_REMOVE)
    s.call(mmu_notifier_invalidate_range_start(s.mm, 1, 2))
    s.call(mmu_notifier_invalidate_range_end(s.mm, 1, 2))
    expect(s.get(second.state)).toBe(INTERVAL.DEFERRED_INSERT)
    s.call(mmu_notifier_invalidate_range_end(s.mm, 0, 1))
    expect([s.get(first.state), s.get(second.state), s.get(subs.invalidate_seq) & 1]).toEqual([INTERVAL.OUT, INTERVAL.IN, 0])
    s.call(mmu_notifier_invalidate_range_start(s.mm, 0, 1))
    expect(calls).toEqual(['mmu0 0-1', 'mmu1 0-1'])
  })

  it('that are taken back before they were in are never called', () => {
    const { s, first, second } = interval()
    s.call(mmu_interval_notifier_insert(first, s.mm, 0, 1))
    s.call(mmu_notifier_invalidate_range_start(s.mm, 0, 1))
    s.call(mmu_interval_notifier_insert(second, s.mm, 0, 2))
    s.call(mmu_interval_notifier_remove(second, s.mm))
    s.call(mmu_notifier_invalidate_range_end(s.mm, 0, 1))
    expect(s.get(second.state)).toBe(INTERVAL.OUT)
  })
})
