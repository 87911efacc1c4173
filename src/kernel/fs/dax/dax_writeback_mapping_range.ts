import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { has, kernel } from '../../kernel.js'
import { down_read, up_read } from '../../locking/rwsem.js'
import { vma_interval_tree } from '../../mm/mmap/vma_interval_tree.js'
import { pfn_mkclean_range } from '../../mm/rmap/pfn_mkclean_range.js'
import { observe } from '../../observer.js'
import { DAX_LOCKED, DAX_PMD, PAGECACHE_TAG_DIRTY, PAGECACHE_TAG_TOWRITE } from './dax_entry.js'

/** mm/page-writeback.c:tag_pages_for_writeback: what is dirty now, so that what becomes dirty meanwhile is not waited for. */
export const tag_pages_for_writeback = ({ dax_entries }: AddressSpace): Step<void> =>
  atomic('tag_pages_for_writeback(mapping)', (m) => {
    for (const entry of dax_entries) {
      if (m.get(entry) & PAGECACHE_TAG_DIRTY) m.set(entry, m.get(entry) | PAGECACHE_TAG_TOWRITE)
    }
  })

/** What is written back in one go. */
interface Range {
  readonly index: number
  readonly pfn: number
  readonly count: number
}

/**
 * The entry locked against faults and its mark cleared; undefined if it is not to be written, or has been by now, or somebody else has
 * it locked: get_unlocked_entry() looks behind it then, and finds nothing. It keeps its marks.
 */
const dax_lock_entry = ({ dax_entries, i_pages }: AddressSpace, index: number): Step<Range | undefined> =>
  atomic<Range | undefined>('dax_lock_entry()', (m) => {
    const word = m.get(dax_entries[index]!)
    if (!(word & PAGECACHE_TAG_TOWRITE)) return undefined
    if (word & DAX_LOCKED) return undefined
    m.set(dax_entries[index]!, (word | DAX_LOCKED) & ~PAGECACHE_TAG_TOWRITE)
    return { index, pfn: m.get(i_pages[index]!) - 1, count: word & DAX_PMD ? kernel().geometry.ptrsPerPte : 1 }
  })

/** fs/dax.c:dax_entry_mkclean: nobody can write any more without a fault. Until 5.19 only where the first page is mapped. */
export function* dax_entry_mkclean(mapping: AddressSpace, { index, pfn, count }: Range): Steps {
  yield* down_read(mapping.i_mmap_rwsem, 'i_mmap_lock_read(mapping)')
  const nr = !has('06083a0921fd') ? 1 : count
  for (const vma of yield* vma_interval_tree(mapping)) yield* pfn_mkclean_range(pfn, nr, index, vma)
  yield* up_read(mapping.i_mmap_rwsem, 'i_mmap_unlock_read()')
}

/** dax_flush(): what CPUs have in their caches reaches the medium. */
function* dax_flush({ pfn, count }: Range): Steps {
  for (let i = 0; i < count; i++) {
    const page = kernel().page(pfn + i)
    yield* load(page.content, { label: 'dax_flush(page)' })
    yield* observe('page is on the medium', (o, m) => o.writesBack?.(m, page))
  }
}

/** fs/dax.c:dax_writeback_one, with the entry locked. */
export function* dax_writeback_one(mapping: AddressSpace, range: Range): Steps {
  const early = has('mutant-dax-flush-first')
  if (early) yield* dax_flush(range)
  yield* dax_entry_mkclean(mapping, range)
  if (!early) yield* dax_flush(range)
  const entry = mapping.dax_entries[range.index]!
  yield* atomic('xas_clear_mark(DIRTY), dax_wake_entry()', (m) => m.set(entry, m.get(entry) & ~(PAGECACHE_TAG_DIRTY | DAX_LOCKED)))
}

/** fs/dax.c:dax_writeback_mapping_range: fsync() of a DAX file. */
export function* dax_writeback_mapping_range(mapping: AddressSpace): Steps {
  yield* tag_pages_for_writeback(mapping)
  for (const index of mapping.dax_entries.keys()) {
    const range = yield* dax_lock_entry(mapping, index)
    if (range) yield* dax_writeback_one(mapping, range)
  }
}
