import { expect, it } from 'vitest'
import { composed } from './operations.js'

type Scene = Parameters<typeof composed>

/** Scenes in which 6.1 does nothing wrong: each stands for a kind that an oracle, or the TLB's history, once took for a bug. */
const right: readonly Scene[] = [
  // An entry that is PROT_NONE is no access.
  ['anon', ['mprotect none']],
  // One record per pin.
  ['anon', ['pin twice']],
  ['anon', ['pin', 'pin twice']],
  // A page is given away when the allocator gets it, which is after the flush that reclaim has put off.
  ['cold', ['reclaim', 'load'], 'x86-native'],
  // Nobody can use what a CPU may still have cached of an address space whose threads have all exited.
  ['huge', ['exit']],
  ['huge', ['exit'], 's390'],
  // What a walk finds through an entry that is being flushed does not outlive the flush.
  ['anon', ['mremap', 'cold', 'store']],
  ['forked', ['mremap', 'pageout', 'store']],
  ['thp', ['collapse', 'free', 'store']],
  ['shared', ['collapse', 'store']],
  // The owner may take away what he has pinned himself, while GUP runs as well.
  ['anon', ['pin', 'dontneed', 'store']],
  ['anon', ['pin', 'mremap', 'store']],
  // Truncation is meant to discard.
  ['shared', ['truncate', 'store']],
  ['shared', ['pin', 'truncate']],
  // Nothing is write-protected in shared mappings.
  ['shared', ['fork', 'dontneed', 'store']],
  ['shared', ['fork', 'move'], 'x86-native'],
  ['shared', ['fork', 'truncate'], 'x86-native'],
  // Pages of a huge page may come back as small ones, with the same numbers.
  ['huge', ['dontneed', 'fork', 'store']],
  ['huge', ['dontneed', 'collapse']],
  ['huge', ['collapse', 'pageout']],
  // The last mapping of a file goes while its pages are moved, or cut off.
  ['shared', ['munmap all', 'move']],
  ['shared', ['munmap all', 'truncate']],
  // A thread that exits takes no memory away from others.
  ['anon', ['exit', 'munmap']],
  ['anon', ['exit', 'pin', 'store']],
  ['anon', [['store', 'exit'], ['munmap', 'exit']]],
]

it.each(right)('%s: %s', (...scene) => {
  expect(composed(...scene)).toEqual([])
})

it('a zap that forgets a dirty entry before it has flushed is a bug of 6.1 itself (5df397dec7c4, since 6.2)', () => {
  expect(composed('shared', ['dontneed', 'writeback', 'store'])).toEqual(['O7: page 12 is newer than the disk, and counts as clean'])
})
