import { has } from '../../kernel.js'
import { kvm_mmu_notifier_ops } from './kvm_mmu_notifier_ops.js'
import { kvm_page_fault } from './kvm_page_fault.js'
import type { Driver } from './secondary_mmu.js'

/** KVM as the driver of a guest's shadow entries. */
export const kvm: Driver = (mmu) => ({
  ...(has('mutant-kvm-without-notifier') ? {} : kvm_mmu_notifier_ops(mmu)),
  fault: (mm, hva, write) => kvm_page_fault(mmu, mm, hva, write),
})
