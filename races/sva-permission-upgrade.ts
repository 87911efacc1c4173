import { holds, mmput, race, reach, sva_read, sva_write, violates } from 'mmrace'

export default race({
  name: 'sva-permission-upgrade',
  title: 'a device asks for a page to write, gets it, and its IOMMU still refuses',
  seed: 'S3',
  bug: 'H2',
  question: 'Q18',
  asked: `Changing permission on same page ie going from read and write to read only, or read only to read and write, does not
require any extra call to mmu_notifier_invalidate_range()`,
  answer: `True for drivers that have entries of their own, and for an IOMMU that walks the tables again when it refuses. One that
goes on with what it has cached, as an SMMU may, refuses for ever: nobody tells it that more is allowed now.`,
  references: ['6bbd42e2df8f mmu_notifiers: call invalidate_range() when invalidating TLBs', '1af5a8109904'],
  tlb: true,
  geometry: { iommus: 1, mms: 2, vmas: 4, anonVmas: 2, anonVmaChains: 4, tables: 4 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    k.call(mmput(k.fork(mm)))
    return { mm, sva: k.sva(mm) }
  },
  cpus: {
    device: function* ({ mm, sva }) {
      yield* sva_read(sva, mm, 0)
      yield* sva_write(sva, mm, 0, 1)
      yield* reach('written')
    },
  },
  sometimes: ['written'],
  variants: {
    fixed: {
      apply: ['6bbd42e2df8f'],
      expect: holds,
      because: 'what flushes the CPU when a permission is added flushes the IOMMU as well',
    },
    '6.6-cpus-only': {
      apply: ['6bbd42e2df8f', 'mutant-flush-cpus-only'],
      expect: violates('livelock', ['arm64', 'arm64-sw-dirty']),
      because: 'the flush is made, and does not reach the IOMMU',
    },
    bug: {
      revert: ['6bbd42e2df8f'],
      expect: violates('livelock', ['arm64', 'arm64-sw-dirty']),
      because: 'only changes that take something away are told; an SMMU goes on with the translation it has, VT-d walks again',
    },
  },
})
