import type { Change } from './change.js'

/** Of reclaim, of the LRU batches and of the queue of deferred splits. */
export const reclaimChanges: readonly Change[] = [
  {
    id: '9625456cc763', title: 'mm: fix data corruption caused by lazyfree page', version: '4.14', since: '6.1',
    changes: 'add_to_swap() marks the folio dirty, so that it is written whatever its entries say',
  },
  {
    id: '24c92eb7dce0', title: 'mm: avoid marking swap cached page as lazyfree', version: '4.14', since: '6.1',
    changes: 'a folio that is in the swap cache does not become discardable (mark_page_lazyfree, lru_lazyfree_fn)',
  },
  {
    id: '98c6d259319e', title: 'mm/gup: check ref_count instead of lru before migration', version: '6.17', since: '6.1',
    changes: 'a long-term pin that has to move a page looks at its count for references of LRU batches, not at PG_lru',
  },
  {
    id: 'fc346d0a70a1', title: 'mm: migrate high-order folios in swap cache correctly', version: '6.7', since: '6.1',
    changes: 'folio_migrate_mapping() puts the new folio into all slots of the swap cache that the old one had, not only into the first',
  },
  {
    id: 'lru-gen', title: 'the multi-generational LRU is on (CONFIG_LRU_GEN_ENABLED in Debian)', version: '6.1', since: '6.12',
    changes: 'folio_mark_accessed() activates nothing; what a fault brings in is active until it is on the LRU, which then forgets that it was referenced',
  },
  {
    id: 'lru-gen-refs', title: 'mm/mglru: rework of how references are counted', version: '6.14', since: '7.2',
    changes: 'what a fault brings in is referenced, not active; folio_deactivate() forgets references at once',
  },
  {
    id: 'mutant-no-huge-recheck', title: 'GUP-fast does not look at a huge entry again', version: '6.1', mutation: true,
    changes: 'gup_huge_pmd() keeps the reference whatever has become of the entry',
  },
  {
    id: 'mutant-tails-without-slot', title: 'migration tells only the first page its slot', version: '6.7', mutation: true,
    changes: 'folio_migrate_mapping() copies page->private of the first page of a huge one in the swap cache only',
  },
  {
    id: 'mutant-drain-own-batches', title: 'a long-term pin empties the batches of its own CPU only', version: '6.1', mutation: true,
    changes: 'collect_longterm_unpinnable_pages() does not call lru_add_drain_all()',
  },
  {
    id: 'mutant-dirty-before-slot', title: 'reclaim asks too early whether a page is dirty', version: '6.1', mutation: true,
    changes: 'shrink_folio_list() writes a folio that was dirty before it got a slot and lost its mappings, not one that is dirty then',
  },
  {
    id: 'mutant-lazyfree-drain-blind', title: 'a batch does not look again', version: '6.1', mutation: true,
    changes: 'mark_page_lazyfree() leaves alone what is in the swap cache, lru_lazyfree_fn() does not',
  },
  {
    id: 'mutant-deferred-split-get', title: 'the shrinker of huge pages takes a reference without looking', version: '6.1', mutation: true,
    changes: 'deferred_split_scan() takes a reference to a huge page whose last one is gone already',
  },
]
