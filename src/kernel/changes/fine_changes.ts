import type { Change } from './change.js'

/**
 * Sections that the kernel goes through in several steps, which somebody without the lock may see, and the model in one: unless
 * one of these is applied. They are not commits, and change no more than how finely it is looked at.
 */
export const fineChanges: readonly Change[] = [
  {
    id: 'fine-notifier-list', title: 'the list of notifiers is walked entry by entry', version: '6.1',
    changes: 'who walks it under SRCU looks at each entry when it comes to it; mn_hlist_release() takes them off one by one',
  },
  {
    id: 'fine-interval-tree', title: 'the end of an invalidation lets interval notifiers in and out one by one', version: '6.1',
    changes: 'mn_itree_inv_end() holds subscriptions->lock over several steps; who waits for the sequence sees it before they are done',
  },
  {
    id: 'fine-vma-lookup', title: 'VMAs are looked up node by node', version: '6.1',
    changes: 'find_vma() and vma_lookup() read one VMA after the other, each field in a step',
  },
  {
    id: 'fine-fence-signal', title: 'a fence is signalled before its callbacks are called', version: '6.1',
    changes: 'dma_fence_signal() sets the bit in one step and wakes those who wait in another',
  },
  {
    id: 'fine-fence-list', title: 'a place for a fence is looked for slot by slot', version: '6.1',
    changes: 'dma_resv_add_fence() asks each fence in the list whether it is signalled, and then takes a place',
  },
  {
    id: 'fine-queue-work', title: 'a work is pending before it is on the list of a pool', version: '6.1',
    changes: 'queue_work() sets the bit in one step and puts the work on the list in another; who flushes it in between waits for nothing',
  },
  {
    id: 'fine-deferred-split', title: 'deferred_split_huge_page() looks before it takes split_queue_lock', version: '6.1',
    changes: 'whether the page is in the swap cache or on a list already is asked without the lock, and only the list again under it',
  },
  {
    id: 'fine-compound-alloc', title: 'a huge page that is allocated has a reference before it is one', version: '6.1',
    changes: 'prep_new_page() sets _refcount, then prep_compound_page() makes tails of all pages but the first: who takes a reference by number sees it',
  },
]
