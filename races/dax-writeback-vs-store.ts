import { dax_writeback_mapping_range, holds, race, reach, user_write, violates } from 'mmrace'

export default race({
  name: 'dax-writeback-vs-store',
  title: 'fsync() of a DAX file while a program writes to it through a huge entry',
  seed: 'S0',
  references: ['f729c8c9b24f dax: wrprotect pmd_t in dax_mapping_entry_mkclean', 'fs/dax.c:dax_writeback_one'],
  needs: ['ZONE_DEVICE'],
  tlb: true,
  geometry: { files: 1, filePages: 2, pages: 0, fsdax: 2, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { mapping } = k.daxFile({ huge: true })
    k.mapDaxFile(mm, mapping, 2)
    k.write(mm, 0, 1)
    return { mm, mapping }
  },
  cpus: {
    fsync: function* ({ mapping }) {
      yield* dax_writeback_mapping_range(mapping)
      yield* reach('written back')
    },
    user: function* ({ mm }) {
      if (yield* user_write(mm, 0, 2)) yield* reach('written')
    },
  },
  sometimes: ['written back', 'written'],
  oracles: ['O1', 'O2', 'O7', 'O9', 'O12', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'what is written after the flush needs a fault, which waits for the entry and marks it again' },
    bug: {
      revert: ['f729c8c9b24f'],
      expect: violates('O7', 'all'),
      because: 'the huge entry stays writable: no fault tells that the file is dirty again',
    },
    'flushed-first': {
      apply: ['mutant-dax-flush-first'],
      expect: violates('O7', 'all'),
      because: 'a store between the flush and the write protection is not flushed, and its mark goes',
    },
    'fault-unlocked': {
      apply: ['mutant-dax-fault-unlocked'],
      expect: violates('O7', 'all'),
      because: 'the mark that a fault has set is cleared by who has flushed before the store',
    },
  },
})
