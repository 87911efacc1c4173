import {
  type Allocated, holds, kfree, load, mutex_lock, mutex_unlock, race, reach, refcount_inc_not_zero, type Setup, type Steps, violates,
} from 'mmrace'
import { type Cell, fetchAdd, store } from 'mmrace/engine'

/** A block that files share (reflink). Its struct folio is of several pages until nobody has the block in a mapping. */
interface Block {
  readonly share: Cell
  readonly folio: Allocated<'order'>
  readonly xa_lock: Readonly<Record<'A' | 'B', Cell>>
  readonly extent: Cell
}

interface How {
  /** The file system keeps both out of each other's way: nothing in fs/dax.c does. */
  readonly extent?: boolean
  /** 'atomic': folio->share is an atomic_t; 'unless zero': and who finds it 0 begins anew. */
  readonly count?: string
}

/** folio->share is no atomic_t: it is read, and written. The new value. */
function* add({ share }: Block, by: number, { count }: How): Steps<number> {
  if (count) return (yield* fetchAdd(share, by, { label: 'folio->share' })) + by
  const now = (yield* load(share)) + by
  yield* store(share, now, { label: by > 0 ? 'folio->share++' : '--folio->share' })
  return now
}

/** fs/dax.c:dax_associate_entry, of a block that is shared. False: nobody has it, and the folio is made anew. */
function* associate(block: Block, how: How): Steps<boolean> {
  if (how.count === 'unless zero') return yield* refcount_inc_not_zero(block.share)
  if (!(yield* load(block.share))) return false
  yield* add(block, 1, how)
  return true
}

function* with_locks(block: Block, file: 'A' | 'B', how: How, on: boolean): Steps {
  const [outer, inner] = [block.extent, block.xa_lock[file]]
  if (on && how.extent) yield* mutex_lock(outer, 'extent lock')
  yield* on ? mutex_lock(inner, 'xas_lock_irq(&xas)') : mutex_unlock(inner, 'xas_unlock_irq(&xas)')
  if (!on && how.extent) yield* mutex_unlock(outer, 'extent unlock')
}

export default race({
  name: 'dax-share-vs-truncate',
  title: 'a block that two DAX files share is counted under the lock of one of them',
  seed: 'S0',
  references: ['fs/dax.c:dax_associate_entry and dax_folio_put of 7.3', 'fs/dax.c:dax_page_share_get and dax_disassociate_entry of 6.12: the same with page->share'],
  geometry: { pages: 1 },
  setup: (k: Setup): Block => ({
    share: k.cell('folio.share', 1), folio: k.object('folio', { order: 1 }),
    xa_lock: { A: k.cell('fileA.xa_lock'), B: k.cell('fileB.xa_lock') }, extent: k.cell('extent.lock'),
  }),
  cpus: {
    'fault in A': function* (block, how: How) {
      yield* with_locks(block, 'A', how, true)
      const shared = yield* associate(block, how)
      yield* with_locks(block, 'A', how, false)
      if (!shared) return yield* reach('made anew')
      yield* load(block.folio.order)
      yield* reach('shared')
    },
    'truncate B': function* (block, how: How) {
      yield* with_locks(block, 'B', how, true)
      if ((yield* add(block, -1, how)) === 0) yield* kfree(block.folio)
      yield* with_locks(block, 'B', how, false)
      yield* reach('given up')
    },
  },
  sometimes: ['shared', 'given up', 'made anew'],
  variants: {
    fixed: { with: { count: 'unless zero' }, expect: holds, because: 'whoever finds the count at 0 has no part in what was there' },
    bug: { expect: violates('O2', 'all'), because: 'two locks for one word: one update is lost, and the folio is taken to pieces while a file has it' },
    serialised: { with: { extent: true }, expect: holds, because: 'if the file system kept both out of each other\'s way; that it does was not found' },
    atomic: { with: { count: 'atomic' }, expect: violates('O2', 'all'), because: 'that others have the block is seen before they are counted' },
  },
})
