import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import type { MmuNotifierRange } from '../../include/mmu_notifier.js'
import { has, kernel } from '../../kernel.js'
import { write_lock, write_unlock } from '../../locking/rwlock.js'
import type { Driver, SecondaryMmu } from './secondary_mmu.js'
import { zap_sptes } from './spte.js'

/** virt/kvm/kvm_main.c:kvm_mmu_invalidate_begin. Under mmu_lock. Several ranges at once become one that covers them. */
export const kvm_mmu_invalidate_begin = (mmu: SecondaryMmu, start: number, end: number): Step<void> =>
  atomic('kvm_mmu_invalidate_begin()', (m) => {
    const first = add(m, mmu.mmu_invalidate_in_progress, 1) === 1
    m.set(mmu.mmu_invalidate_range_start, first ? start : Math.min(m.get(mmu.mmu_invalidate_range_start), start))
    m.set(mmu.mmu_invalidate_range_end, first ? end : Math.max(m.get(mmu.mmu_invalidate_range_end), end))
  })

/** virt/kvm/kvm_main.c:kvm_mmu_invalidate_end. Under mmu_lock. */
export const kvm_mmu_invalidate_end = (mmu: SecondaryMmu): Step<void> =>
  atomic('kvm_mmu_invalidate_end()', (m) => {
    mmu.sequence.advance(m)
    if (has('mutant-kvm-not-nested')) m.set(mmu.mmu_invalidate_in_progress, 0)
    else if (add(m, mmu.mmu_invalidate_in_progress, -1) > 0) return
    m.set(mmu.mmu_invalidate_range_start, 0)
    m.set(mmu.mmu_invalidate_range_end, 0)
  })

/** virt/kvm/kvm_main.c:kvm_mmu_notifier_invalidate_range_start */
function* invalidate_range_start(mmu: SecondaryMmu, range: MmuNotifierRange): Steps {
  const end = Math.min(range.end, kernel().taskSize)
  yield* write_lock(mmu.mmu_lock, 'KVM_MMU_LOCK(kvm)')
  yield* kvm_mmu_invalidate_begin(mmu, range.start, end)
  yield* zap_sptes(mmu, range.start, end)
  yield* write_unlock(mmu.mmu_lock, 'KVM_MMU_UNLOCK(kvm)')
}

/** virt/kvm/kvm_main.c:kvm_mmu_notifier_invalidate_range_end */
function* invalidate_range_end(mmu: SecondaryMmu): Steps {
  yield* write_lock(mmu.mmu_lock, 'KVM_MMU_LOCK(kvm)')
  yield* kvm_mmu_invalidate_end(mmu)
  yield* write_unlock(mmu.mmu_lock, 'KVM_MMU_UNLOCK(kvm)')
}

/** virt/kvm/kvm_main.c:kvm_mmu_notifier_change_pte. Inside start and end, so that there is nothing left to change. */
function* change_pte(mmu: SecondaryMmu, address: number): Steps {
  if (!(yield* load(mmu.mmu_invalidate_in_progress, { label: 'mmu_invalidate_in_progress' }))) return
  yield* write_lock(mmu.mmu_lock, 'KVM_MMU_LOCK(kvm)')
  yield* zap_sptes(mmu, address, address + 1)
  yield* write_unlock(mmu.mmu_lock, 'KVM_MMU_UNLOCK(kvm)')
}

/** virt/kvm/kvm_main.c:kvm_mmu_notifier_release */
function* release(mmu: SecondaryMmu): Steps {
  yield* write_lock(mmu.mmu_lock, 'KVM_MMU_LOCK(kvm)')
  yield* zap_sptes(mmu, 0, kernel().taskSize)
  yield* write_unlock(mmu.mmu_lock, 'KVM_MMU_UNLOCK(kvm)')
}

/** virt/kvm/kvm_main.c:kvm_mmu_notifier_ops */
export const kvm_mmu_notifier_ops: Driver = (mmu) => ({
  invalidate_range_start: (range) => invalidate_range_start(mmu, range),
  invalidate_range_end: () => invalidate_range_end(mmu),
  change_pte: (_, address) => change_pte(mmu, address),
  release: () => release(mmu),
})
