import { holds, race, violates } from 'mmrace'
import { lazyfree } from './scenes/lazyfree.js'

export default race({
  name: 'lazyfree-batch-vs-swap-out',
  title: 'a page waits in a batch to be made discardable, and reclaim puts it into the swap cache',
  references: ['24c92eb7dce0 mm: avoid marking swap cached page as lazyfree'],
  ...lazyfree,
  variants: {
    fixed: { expect: holds, because: 'the batch looks again, and leaves pages of the swap cache alone' },
    bug: {
      revert: ['24c92eb7dce0'],
      expect: violates('livelock', 'all'),
      because: 'a page that is not swap-backed does not count as one of the swap cache: the fault finds it, lets go of it, and finds it again',
    },
    'looks-once': { apply: ['mutant-lazyfree-drain-blind'], expect: violates('livelock', 'all'), because: 'it was not in the swap cache when it got into the batch' },
  },
})
