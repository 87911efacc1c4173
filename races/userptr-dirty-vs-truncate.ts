import { holds, i915_5_4, i915_first_submission, race, violates } from 'mmrace'
import { userptrTruncate } from './scenes/userptr-truncate.js'

export default race({
  ...userptrTruncate(i915_5_4, i915_first_submission),
  name: 'userptr-dirty-vs-truncate',
  title: 'i915 gives a page of a file back: may it mark it as dirty without the page\'s lock?',
  seed: 'S4',
  bug: 'I1',
  question: 'Q23',
  references: [
    '2d691aeca4ae drm/i915/userptr: Try to acquire the page lock around set_page_dirty()',
    'cb6d7c7dc7ff drm/i915/userptr: Acquire the page lock around set_page_dirty()', '505a8ec7e11a Revert',
  ],
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
