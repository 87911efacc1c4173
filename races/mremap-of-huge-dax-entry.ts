import { holds, race, reach, sys_mremap, user_write, violates } from 'mmrace'
import { deviceMemoryFlushedLater } from './scenes/profiles.js'

export default race({
  name: 'mremap-of-huge-dax-entry',
  title: 'mremap() moves device memory that is mapped by a huge entry',
  seed: 'S0',
  references: ['5bfea2d9b17f mm: Fix mremap not considering huge pmd devmap', 'CVE-2020-10757'],
  needs: ['ZONE_DEVICE'],
  tlb: true,
  geometry: { files: 1, pages: 0, deviceDax: 2, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.mapDax(mm, k.devDax(2), 2)
    k.call(user_write(mm, 0, 0))
    return { mm }
  },
  cpus: {
    mremap: function* ({ mm }) {
      yield* sys_mremap(mm, 0, 2, 2, false)
      yield* reach('moved')
    },
    user: function* ({ mm }) {
      yield* reach((yield* user_write(mm, 0, 1)) ? 'written' : 'gone')
    },
  },
  sometimes: ['moved', 'written', 'gone'],
  oracles: ['O1', 'O2', 'O9', 'O12', 'O13', 'O16'],
  variants: {
    fixed: { expect: holds, because: 'a devmap entry is moved as any huge entry is' },
    bug: {
      revert: ['5bfea2d9b17f'],
      expect: violates('O13', 'all'),
      because: 'what user space can write to becomes a page table',
    },
    'flushed-late': {
      apply: ['mutant-move-huge-flush-late'],
      expect: violates('O1', deviceMemoryFlushedLater),
      because: 'who takes the lock next relies on it that nothing goes through the old address',
    },
  },
})
