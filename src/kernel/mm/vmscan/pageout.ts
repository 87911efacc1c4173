import { clearBits, load, setBits, type Steps, store } from '../../../engine/model/step.js'
import { folio_nr_pages, nth_page } from '../../include/compound.js'
import { is_swapcache, PG_dirty, PG_writeback } from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_ref_count } from '../../include/page_ref.js'
import { kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { slot_of } from '../swap_state/swap_cache.js'
import { folio_free_swap } from '../swapfile/folio_free_swap.js'

function* write_pages(folio: Folio, slot: number, nr: number): Steps {
  for (let i = 0; i < nr; i++) {
    const content = yield* load(nth_page(folio, i).content, { label: 'device: read page' })
    yield* store(kernel().swap.content[slot + i]!, content, { label: 'swap_writepage(page)' })
  }
}

/** mm/page_io.c:swap_writepage. Unlocks the folio. The device is synchronous; a huge page it takes as a bio, and that is unlocked before. */
export function* swap_writepage(folio: Folio, nr: number): Steps {
  if (yield* folio_free_swap(folio)) return void (yield* folio_unlock(folio))
  const slot = yield* slot_of(folio)
  yield* setBits(folio.flags, PG_writeback, { label: 'folio_start_writeback(folio)' })
  if (nr > 1) yield* folio_unlock(folio)
  yield* write_pages(folio, slot, nr)
  yield* clearBits(folio.flags, PG_writeback, { label: 'folio_end_writeback(folio)' })
  if (nr === 1) yield* folio_unlock(folio)
}

/** mm/shmem.c:shmem_writepage. Shared memory is not swapped here, as if there were no swap for it. */
export function* shmem_writepage(folio: Folio): Steps<'activate_locked'> {
  yield* setBits(folio.flags, PG_dirty, { label: 'set_page_dirty(page)' })
  return 'activate_locked'
}

/** mm/vmscan.c:pageout, of a locked folio. 'written': and unlocked. */
export function* pageout(folio: Folio, mapping: number): Steps<'keep_locked' | 'activate_locked' | 'clean' | 'written'> {
  const nr = yield* folio_nr_pages(folio)
  if ((yield* folio_ref_count(folio)) !== 1 + nr) return 'keep_locked'
  const anon = (mapping & PAGE_MAPPING_ANON) !== 0
  if (anon ? !is_swapcache(yield* load(folio.flags, { label: 'folio_test_swapcache(folio)' })) : mapping === 0) return 'keep_locked'
  const old = yield* clearBits(folio.flags, PG_dirty, { label: 'folio_clear_dirty_for_io()' })
  if (!(old & PG_dirty)) return 'clean'
  if (!anon) return yield* shmem_writepage(folio)
  yield* swap_writepage(folio, nr)
  return 'written'
}
