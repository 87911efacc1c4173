import { holds, kvm_page_fault, race, reach, violates } from 'mmrace'

export default race({
  name: 'kvm-two-faults',
  title: 'two virtual CPUs fault at once and make room among the shadow pages of a nested guest',
  bug: 'H-47b0c2e4c220',
  references: ['47b0c2e4c220 KVM: x86/mmu: Fix race condition in direct_page_fault', 'CVE-2022-45869'],
  setup: (k) => {
    const guest = k.guest({ pages: 2, touched: [0, 1] })
    k.nestedShadowPage(guest.mmu)
    return guest
  },
  cpus: {
    'vcpu 1': function* ({ mm, mmu }) {
      yield* kvm_page_fault(mmu, mm, 0, true)
      yield* reach('first')
    },
    'vcpu 2': function* ({ mm, mmu }) {
      yield* kvm_page_fault(mmu, mm, 1, true)
      yield* reach('second')
    },
  },
  sometimes: ['first', 'second'],
  oracles: ['O2', 'O9', 'O10', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'with mmu_lock for reading nobody makes room: the TDP MMU needs no shadow pages' },
    bug: {
      revert: ['47b0c2e4c220'],
      expect: violates('O9', 'all'),
      because: 'both find the same oldest page, and both free it',
    },
    unlocked: { apply: ['mutant-kvm-room-unlocked'], expect: violates('O9', 'all'), because: 'the same, with no lock at all' },
  },
})
