import { dup_mm, holds, race, reach, sva_write, violates } from 'mmrace'

export default race({
  name: 'sva-vs-fork',
  title: 'fork() write-protects pages that a device writes through an IOMMU',
  seed: 'S3',
  question: 'Q18',
  asked: `Changing permission on same page ie going from read and write to read only, or read only to read and write, does not
require any extra call to mmu_notifier_invalidate_range()`,
  answer: `No call of its own in 6.1, because the end of the invalidation flushes secondary TLBs as well. It has to come from somewhere:
without it the device goes on writing to memory that is the child's too.`,
  references: ['Documentation/mm/mmu_notifier.rst', '6bbd42e2df8f'],
  tlb: true,
  geometry: { iommus: 1, mms: 2, vmas: 4, anonVmas: 2, anonVmaChains: 4, tables: 4 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm, sva: k.sva(mm) }
  },
  cpus: {
    fork: function* ({ mm }) {
      yield* dup_mm(mm)
      yield* reach('forked')
    },
    device: function* ({ mm, sva }) {
      yield* sva_write(sva, mm, 0, 1)
      yield* reach('written')
    },
  },
  sometimes: ['forked', 'written'],
  variants: {
    fixed: { expect: holds, because: 'a right is taken away: the end of the invalidation flushes secondary TLBs by itself in 6.1' },
    '6.6': { apply: ['6bbd42e2df8f'], expect: holds, because: 'the flush of the CPUs does it' },
    '6.6-cpus-only': {
      apply: ['6bbd42e2df8f', 'mutant-flush-cpus-only'],
      expect: violates('O1', 'all'),
      because: 'the end of the invalidation does not flush in 6.6',
    },
    'end-without-flush': {
      revert: ['6bbd42e2df8f'],
      apply: ['end-without-flush'],
      expect: violates('O1', 'all'),
      because: 'nothing else does: the device goes on writing to what is now the child\'s memory as well',
    },
  },
})
