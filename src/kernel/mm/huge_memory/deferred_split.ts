import type { Access, Cell } from '../../../engine/model/memory.js'
import { atomic, load, type Steps } from '../../../engine/model/step.js'
import { is_swapcache } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { has, kernel } from '../../kernel.js'

/*
 * mm/huge_memory.c: the queue of huge pages to be split when memory is short, because parts of them are not used any more. A huge page is
 * on no list, on the queue of its node, or on the local list of a CPU that is at work on it (TAKEN plus the CPU). The queue is walked
 * by page frame number. What is done under split_queue_lock is one step.
 */
export const OUT = 0
export const QUEUED = 1
export const TAKEN = 2

export const page_deferred_list = (folio: Folio): Cell => kernel().memory.blocks[folio.block]!.deferred_list

/** mm/huge_memory.c:deferred_split_huge_page. One that reclaim has put into the swap cache it will deal with itself. */
export function* deferred_split_huge_page(folio: Folio): Steps {
  const fine = has('fine-deferred-split')
  if (fine) {
    if (is_swapcache(yield* load(folio.flags, { label: 'PageSwapCache(page)' }))) return
    if ((yield* load(page_deferred_list(folio), { label: '!list_empty(page_deferred_list(page))' })) !== OUT) return
  }
  yield* atomic(fine ? 'list_add_tail(page_deferred_list(page))' : 'deferred_split_huge_page(folio)', (m) => {
    const list = page_deferred_list(folio)
    if ((fine || !is_swapcache(m.get(folio.flags))) && m.get(list) === OUT) m.set(list, QUEUED)
  })
}

/** Takes a huge page off its list, when it is freed or split. */
export const list_del_deferred = (m: Access, folio: Folio): void => m.set(page_deferred_list(folio), OUT)
