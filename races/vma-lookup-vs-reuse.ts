import { holds, race, violates } from 'mmrace'
import { lookupVsReuse, REFCOUNT, RWSEM } from './scenes/vma-lookup.js'

export default race({
  name: 'vma-lookup-vs-reuse',
  title: 'a fault has found its VMA under RCU when that is unmapped, and the struct becomes the VMA of another process',
  references: ['vma-refcount: mm: replace vm_lock and detached flag with a reference count', 'mm: make vma cache SLAB_TYPESAFE_BY_RCU'],
  ...lookupVsReuse,
  variants: {
    fixed: { apply: REFCOUNT, expect: holds, because: 'whoever has counted itself looks whose VMA it is, and drops it if it is another one' },
    bug: {
      apply: [...REFCOUNT, 'mutant-vma-of-any-mm'],
      expect: violates('O13', 'all'),
      because: 'the struct is freed at once and given to another process: the reader counts itself in a VMA that is not its own',
    },
    'detach-without-wait': {
      apply: [...REFCOUNT, 'mutant-detach-without-wait'],
      expect: violates('O13', 'all'),
      because: 'the struct is another VMA when the reader finds out, and what it takes back is a reference of that',
    },
    'seq-unread': {
      apply: [...REFCOUNT, 'mutant-vma-seq-unread'],
      expect: holds,
      because: 'who detaches a VMA waits for its readers once more: here that is enough',
    },
    'seq-unread-without-wait': { apply: [...REFCOUNT, 'mutant-vma-seq-unread', 'mutant-detach-without-wait'], expect: violates('O13', 'all') },
    '6.12': { apply: RWSEM, revert: ['vma-refcount'], expect: holds, because: 'the struct is freed after a grace period' },
    '6.12-detached-unread': {
      apply: [...RWSEM, 'mutant-vma-detached-unread'],
      revert: ['vma-refcount'],
      expect: violates('O13', 'all'),
      because: 'the mmap_lock is dropped, and with it all locks of VMAs: only the flag says that the VMA has left the tree',
    },
  },
})
