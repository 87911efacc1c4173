import type { Memory } from '../../../engine/model/memory.js'
import type { Mm } from '../../include/mm.js'
import { type MmuIntervalNotifier, type MmuNotifier, MmuNotifierSubscriptions } from '../../include/mmu_notifier.js'
import { Srcu } from '../../include/srcu.js'
import type { WorkStruct } from '../../include/workqueue.js'
import type { Pool } from '../../pool.js'

/** All that drivers may subscribe with, which they say at set-up; and for each mm, if there is anything, its subscriptions. */
export class MmuNotifiers {
  readonly list: MmuNotifier[] = []
  readonly intervals: MmuIntervalNotifier[] = []
  readonly srcu: Srcu
  /** By mm. Without a driver that could subscribe there are none, and notifier calls take no step. */
  readonly subscriptions: MmuNotifierSubscriptions[] = []

  constructor(private readonly cells: Memory, private readonly mms: Pool<Mm>) {
    this.srcu = new Srcu(cells, 'mmu_notifier')
  }

  add(sub: MmuNotifier): void {
    this.list.push(sub)
    this.subscribable()
  }

  /** Where there are workers, mmu_notifier_put() gives it to call_srcu(), which needs this. */
  freeLater(sub: MmuNotifier, rcu: WorkStruct): void {
    sub.rcu = rcu
    this.srcu.heads.push(rcu)
  }

  addInterval(...subs: readonly MmuIntervalNotifier[]): void {
    this.intervals.push(...subs)
    this.subscribable()
  }

  private subscribable(): void {
    if (this.subscriptions.length > 0) return
    for (const { ref } of this.mms.objects) this.subscriptions.push(new MmuNotifierSubscriptions(this.cells, `mm${ref - 1}.notifiers`))
  }
}
