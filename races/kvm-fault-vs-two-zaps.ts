import { holds, kvm_page_fault, MADV, race, reach, sys_madvise, violates } from 'mmrace'

export default race({
  name: 'kvm-fault-vs-two-zaps',
  title: 'two CPUs invalidate at the same time, and a guest faults between the end of one and the end of the other',
  seed: 'S3',
  references: ['virt/kvm/kvm_main.c:kvm_mmu_invalidate_end', 'Documentation/mm/mmu_notifier.rst'],
  setup: (k) => k.guest({ pages: 2, touched: [0] }),
  cpus: {
    guest: function* ({ mm, mmu }) {
      if (yield* kvm_page_fault(mmu, mm, 0, true)) yield* reach('fault handled')
    },
    'zap 1': ({ mm }) => sys_madvise(mm, 0, 1, MADV.DONTNEED),
    'zap 2': ({ mm }) => sys_madvise(mm, 1, 1, MADV.DONTNEED),
  },
  sometimes: ['fault handled'],
  oracles: ['O10', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'KVM counts the invalidations in progress' },
    'not-nested': {
      apply: ['mutant-kvm-not-nested'],
      expect: violates('O10', 'all'),
      because: 'the end of one says that nothing is in progress any more',
    },
  },
})
