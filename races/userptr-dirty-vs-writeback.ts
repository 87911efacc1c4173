import { holds, race, violates } from 'mmrace'
import { userptrWriteback } from './scenes/userptr-writeback.js'

export default race({
  ...userptrWriteback,
  name: 'userptr-dirty-vs-writeback',
  title: 'when must set_page_dirty() run: before the mapping of the device goes, or after?',
  seed: 'S4',
  question: 'Q23',
  references: ['2d691aeca4ae drm/i915/userptr: Try to acquire the page lock around set_page_dirty()', 'cb6d7c7dc7ff'],
  oracles: ['O2', 'O7', 'O9', 'O12', 'O13', 'O15'],
  variants: {
    fixed: {
      expect: holds,
      because: 'after the last write of the GPU; who has the lock of the page meanwhile has not read it yet',
    },
    early: {
      apply: ['dirty-before-idle'],
      expect: violates('O7', 'all'),
      because: 'writeback cleans the page before the GPU writes to it',
    },
    'takes-lock': {
      revert: ['2d691aeca4ae'],
      apply: ['cb6d7c7dc7ff'],
      expect: violates('deadlock', 'all'),
      because: 'writeback has the lock, and waits for the notifier, which waits for the worker, which waits for the lock',
    },
  },
})
