import { holds, race, violates } from 'mmrace'
import { userptrWriteback } from './scenes/userptr-writeback.js'

export default race({
  ...userptrWriteback,
  name: 'i915-2018-two-notifiers',
  title: 'two invalidations of the same memory: does the second notifier wait for the worker of the first?',
  seed: 'S4',
  question: 'Q22',
  references: ['drivers/gpu/drm/i915/i915_gem_userptr.c of 4.16'],
  oracles: ['O2', 'O9', 'O11', 'O13', 'O15'],
  variants: {
    fixed: { apply: ['i915-flush-always'], expect: holds, because: 'every notifier waits until the object is unmapped' },
    '2018': {
      expect: violates('O11', 'all'),
      because: 'the first has taken the object out of the tree, so that the second finds nothing to wait for',
    },
  },
})
