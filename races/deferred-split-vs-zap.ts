import { deferred_split_scan, holds, MADV, race, reach, sys_madvise, user_read, violates } from 'mmrace'

export default race({
  name: 'deferred-split-vs-zap',
  title: 'the rest of a huge page is given back while a shrinker is about to split it',
  references: ['mm/huge_memory.c:deferred_split_scan: list_del_init() of what is being freed'],
  needs: ['TRANSPARENT_HUGEPAGE'],
  setup: (k) => {
    const mm = k.mm()
    k.huge(mm)
    k.call(sys_madvise(mm, 1, 1, MADV.DONTNEED))
    return { mm }
  },
  cpus: {
    shrinker: function* () {
      if (yield* deferred_split_scan()) yield* reach('split')
      else yield* reach('not split')
    },
    program: function* ({ mm }) {
      yield* user_read(mm, 0)
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('given back')
    },
  },
  sometimes: ['split', 'not split', 'given back'],
  variants: {
    fixed: { expect: holds, because: 'a huge page whose last reference is gone only leaves the queue' },
    bug: {
      apply: ['mutant-deferred-split-get'],
      expect: violates('O2', 'all'),
      because: 'the page is still on the queue when its last reference goes, and is taken off it when it is freed',
    },
  },
})
