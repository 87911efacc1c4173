import { FOLL_WRITE, holds, pin_user_pages_fast_only, race, reach, sys_munmap, violates } from 'mmrace'
import { flushWithoutIpi } from './scenes/profiles.js'

export default race({
  name: 'gup-fast-vs-munmap',
  title: 'munmap frees a page table that GUP-fast walks, and a hypervisor has made the flush without an IPI',
  bug: 'B-9e52fc2b50de',
  references: ['9e52fc2b50de x86/mm: Enable RCU based page table freeing (CONFIG_HAVE_RCU_TABLE_FREE=y)'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm }
  },
  cpus: {
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
    gup_fast: function* ({ mm }) {
      const pages = yield* pin_user_pages_fast_only(mm, 0, 1, FOLL_WRITE)
      if (pages.length === 0) yield* reach('not pinned')
    },
  },
  sometimes: ['unmapped', 'not pinned'],
  oracles: ['O1', 'O2', 'O3', 'O4', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'interrupts are off in GUP-fast: the grace period of the table waits for it, if not the flush' },
    bug: {
      revert: ['9e52fc2b50de'],
      expect: violates('O3', ['x86-pv']),
      because: 'GUP-fast had relied on the IPI of the flush, which a hypercall does not send',
    },
    'no-grace-period': {
      apply: ['mutant-no-grace-period'],
      expect: violates('O3', [...flushWithoutIpi, 'ppc64-hash']),
      because: 'wherever a flush waits for no walker',
    },
  },
})
