import { dax_writeback_mapping_range, holds, race, reach, user_write, violates } from 'mmrace'
import { deviceMemoryFlushedLater } from './scenes/profiles.js'

export default race({
  name: 'dax-writeback-vs-small-mapping',
  title: 'fsync() of a DAX file, of which another process maps a part of a huge extent',
  seed: 'S0',
  references: ['06083a0921fd dax: fix missing writeprotect the pte entry', 'mm/rmap.c:pfn_mkclean_range'],
  needs: ['ZONE_DEVICE'],
  tlb: true,
  geometry: { files: 1, filePages: 2, pages: 0, fsdax: 2, mms: 2, tables: 2 },
  setup: (k) => {
    const whole = k.mm('fsync')
    const part = k.mm('user')
    const { mapping } = k.daxFile({ huge: true })
    k.mapDaxFile(whole, mapping, 2)
    k.mapDaxFile(part, mapping, 1, 1)
    k.write(whole, 0, 1)
    k.write(part, 1, 1)
    return { part, mapping }
  },
  cpus: {
    fsync: function* ({ mapping }) {
      yield* dax_writeback_mapping_range(mapping)
      yield* reach('written back')
    },
    user: function* ({ part }) {
      if (yield* user_write(part, 1, 2)) yield* reach('written')
    },
  },
  sometimes: ['written back', 'written'],
  oracles: ['O1', 'O2', 'O7', 'O9', 'O12', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'every mapping of any page of the extent is write-protected' },
    bug: {
      revert: ['06083a0921fd'],
      expect: violates('O7', 'all'),
      because: 'only mappings of the first page are looked at, and the other process goes on writing',
    },
    'tlb-not-flushed': {
      apply: ['mutant-mkclean-unflushed'],
      expect: violates('O7', deviceMemoryFlushedLater),
      because: 'a CPU goes on through what it has in its TLB, without a fault',
    },
  },
})
