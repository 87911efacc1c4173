import { guest_write, holds, race, reach, sys_mprotect, violates } from 'mmrace'

const PROT_READ = 1

export default race({
  name: 'kvm-fault-vs-mprotect',
  title: 'a guest\'s page fault and mprotect(): KVM\'s sequence count',
  references: ['Documentation/virt/kvm/locking.rst', 'virt/kvm/kvm_main.c:mmu_invalidate_retry_hva'],
  setup: (k) => k.guest({ pages: 2 }),
  cpus: {
    guest: function* ({ mm, mmu }) {
      if (yield* guest_write(mmu, mm, 0, 1)) yield* reach('written')
      else yield* reach('refused')
    },
    mprotect: function* ({ mm }) {
      yield* sys_mprotect(mm, 0, 1, PROT_READ)
    },
  },
  sometimes: ['written', 'refused'],
  variants: {
    fixed: { expect: holds },
    'no-retry': { apply: ['kvm-no-retry'], expect: violates('O10', 'all'), because: 'the page was looked up before mprotect()' },
    'seq-late': {
      apply: ['mutant-kvm-seq-late'],
      expect: violates('O10', 'all'),
      because: 'an invalidation between the look-up and the sequence is not seen',
    },
  },
})
