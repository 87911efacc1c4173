import { dup_mm, holds, race, reach, sva_read, user_write, violates } from 'mmrace'

export default race({
  name: 'sva-vs-copy-on-write',
  title: 'copy-on-write replaces a page that a device reads through an IOMMU: is invalidate_range inside start and end required?',
  seed: 'S3',
  question: 'Q17',
  asked: `callers (for example softdirty) typically call mmu_notifier_invalidate_range_start() around the pagewalk, but then if
it ends up splitting a pmd, mmu_notifier_invalidate_range is called again, within the first range. Docs aren't really clear
whether that's permitted or not. Is it?`,
  answer: `It is, and it is required whenever one page takes the place of another: after the old entry has been cleared, and before the
new one is there. Later, or at the end only, the CPU writes to one page and the device reads another. Since 6.6 the flush of the
CPUs sees to it.`,
  references: ['Documentation/mm/mmu_notifier.rst', '6bbd42e2df8f'],
  tlb: true,
  geometry: { iommus: 1, mms: 2, vmas: 4, anonVmas: 2, anonVmaChains: 4, tables: 4 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    k.call(dup_mm(mm))
    return { mm, sva: k.sva(mm) }
  },
  cpus: {
    user: function* ({ mm }) {
      yield* user_write(mm, 0, 1)
      yield* reach('copied')
    },
    device: function* ({ mm, sva }) {
      if ((yield* sva_read(sva, mm, 0)) === 0) yield* reach('old content')
    },
  },
  sometimes: ['copied', 'old content'],
  oracles: ['O1', 'O2', 'O3', 'O8', 'O9', 'O13', 'O14'],
  variants: {
    fixed: { expect: holds, because: 'between the clear of the old entry and the new one: allowed inside start and end, and required' },
    '6.6': { apply: ['6bbd42e2df8f'], expect: holds, because: 'the flush of the CPUs does it' },
    '6.6-after-set': {
      apply: ['6bbd42e2df8f', 'flush-secondary-after-set'],
      expect: holds,
      because: 'where mmu_notifier_invalidate_range() is called makes no difference any more',
    },
    '6.6-cpus-only': {
      apply: ['6bbd42e2df8f', 'mutant-flush-cpus-only'],
      expect: violates('O14', 'all'),
      because: 'nobody else flushes the IOMMU in 6.6',
    },
    'after-set': {
      revert: ['6bbd42e2df8f'],
      apply: ['flush-secondary-after-set'],
      expect: violates('O14', 'all'),
      because: 'for a moment the CPU writes to the new page and the device reads the old one',
    },
  },
})
