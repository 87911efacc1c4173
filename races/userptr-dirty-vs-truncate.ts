import {
  gpu_run, holds, i915_5_4, i915_first_submission, race, reach, sys_munmap, truncate_setsize, violates,
} from 'mmrace'

export default race({
  name: 'userptr-dirty-vs-truncate',
  title: 'i915 gives a page of a file back: may it mark it as dirty without the page\'s lock?',
  seed: 'S4',
  bug: 'I1',
  question: 'Q23',
  references: [
    '2d691aeca4ae drm/i915/userptr: Try to acquire the page lock around set_page_dirty()',
    'cb6d7c7dc7ff drm/i915/userptr: Acquire the page lock around set_page_dirty()', '505a8ec7e11a Revert',
  ],
  geometry: { userptrs: 1, userptrMns: 1, fences: 1, files: 1, filePages: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 1, value: 1 })
    const bo = k.userptr(mm, i915_5_4)
    const fence = k.call(i915_first_submission(bo))!
    return { mm, file: k.open(file), bo, fence }
  },
  cpus: {
    munmap: function* ({ mm, bo, fence }) {
      yield* gpu_run(bo, fence, 2)
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
    truncate: function* ({ file }) {
      yield* truncate_setsize(file, 0)
      yield* reach('truncated')
    },
  },
  sometimes: ['unmapped', 'truncated'],
  oracles: ['O2', 'O9', 'O11', 'O13', 'O15'],
  variants: {
    fixed: { expect: holds, because: 'under the lock of the page it is in its file, or it is seen that it is not' },
    bug: {
      revert: ['2d691aeca4ae'],
      expect: violates('O15', 'all'),
      because: 'a truncate takes the page out of its file while the filesystem is told that it is dirty',
    },
    'unlocks-early': {
      apply: ['mutant-dirty-after-unlock'],
      expect: violates('O15', 'all'),
      because: 'that the lock was free a moment ago does not help',
    },
    'takes-lock': {
      revert: ['2d691aeca4ae'],
      apply: ['cb6d7c7dc7ff'],
      expect: holds,
      because: 'right for truncate; what it does to reclaim is told by userptr-dirty-vs-reclaim',
    },
  },
})
