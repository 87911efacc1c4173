import { alloc_page } from '../../kernel/mm/page_alloc.js'
import { filemap_lock_page } from '../../kernel/mm/filemap/filemap_get_folio.js'
import { deferred_split_scan } from '../../kernel/mm/huge_memory/deferred_split_scan.js'
import { khugepaged_scan_mm_slot } from '../../kernel/mm/khugepaged/khugepaged_scan_mm_slot.js'
import { retract_page_tables } from '../../kernel/mm/khugepaged/retract_page_tables.js'
import { unmap_mapping_pages } from '../../kernel/mm/memory/unmap_mapping_range.js'
import { folio_unlock } from '../../kernel/locking/folio_lock.js'
import { write_one_page } from '../../kernel/mm/page-writeback/write_one_page.js'
import { put_page } from '../../kernel/mm/swap/folio_put.js'
import { truncate_setsize } from '../../kernel/mm/truncate/truncate_pagecache.js'
import { reclaim_folio } from '../../kernel/mm/vmscan/reclaim_folio.js'
import { wp_shared_mapping_range } from '../../kernel/mm/mapping_dirty_helpers/wp_shared_mapping_range.js'
import { ptdump_walk_pgd } from '../../kernel/mm/ptdump.js'
import { task_numa_work } from '../../kernel/sched/task_numa_work.js'
import { hugetlb_vmtruncate, hugetlbfs_punch_hole } from '../../kernel/fs/hugetlbfs/hugetlb_vmtruncate.js'
import { folio_isolate_hugetlb } from '../../kernel/mm/hugetlb/folio_isolate_hugetlb.js'
import { ksm_do_scan } from '../../kernel/mm/ksm/ksm_do_scan.js'
import { migrate_pages } from '../../kernel/mm/migrate/migrate_pages.js'
import { putback_movable_pages } from '../../kernel/mm/migrate/putback_movable_pages.js'
import { oom_reap_task } from '../../kernel/mm/oom_kill/oom_reap_task.js'
import { operation } from '../operation.js'

/** What the kernel does by itself, or somebody else has it do. */
export const kernelOperations = [
  operation({
    name: 'reclaim', needs: ['page'], on: ['anon', 'huge', 'shared'],
    run: function* ({ page }) {
      yield* reclaim_folio(page)
    },
  }),
  operation({
    name: 'reclaim twice', needs: ['page'], on: ['anon', 'huge', 'shared'],
    run: function* ({ page }) {
      yield* reclaim_folio(page)
      yield* reclaim_folio(page)
    },
  }),
  operation({
    name: 'writeback', needs: ['file'], on: ['shared'],
    run: function* ({ file }) {
      const page = yield* filemap_lock_page(file, 0)
      if (!page) return
      yield* folio_unlock(page)
      yield* write_one_page(page)
      yield* put_page(page)
    },
  }),
  operation({
    name: 'truncate', needs: ['file'], on: ['shared'],
    run: function* ({ file }) {
      yield* truncate_setsize(file, 0)
    },
  }),
  operation({
    name: 'truncate page used again', needs: ['file'], on: ['shared'],
    run: function* ({ file }) {
      yield* truncate_setsize(file, 0)
      const page = yield* alloc_page()
      if (page) yield* put_page(page)
    },
  }),
  operation({
    name: 'unmap_mapping', needs: ['file'], on: ['shared', 'device'],
    run: function* ({ file }) {
      yield* unmap_mapping_pages(file, 0, 2, true)
    },
  }),
  operation({
    name: 'write-protect mapping', needs: ['file'], on: ['shared'],
    run: function* ({ file }) {
      yield* wp_shared_mapping_range(file, 0, 2)
    },
  }),
  operation({
    name: 'retract page tables', needs: ['bare'],
    run: function* ({ bare }) {
      yield* retract_page_tables(bare, 0)
    },
  }),
  operation({
    name: 'khugepaged', needs: ['mm'], on: ['anon', 'huge', 'shared'], single: true,
    run: function* ({ mm }) {
      yield* khugepaged_scan_mm_slot(mm)
    },
  }),
  operation({
    name: 'deferred split', needs: [], on: ['huge'],
    run: function* () {
      yield* deferred_split_scan()
    },
  }),
  operation({
    name: 'NUMA scan', needs: ['mm'], on: ['anon', 'huge'], by: 'mm',
    run: function* ({ mm }) {
      yield* task_numa_work(mm)
    },
  }),
  operation({
    name: 'ptdump', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      yield* ptdump_walk_pgd(mm)
    },
  }),
  operation({
    name: 'OOM reaper', needs: ['victim'], single: true,
    run: function* ({ victim }) {
      yield* oom_reap_task(victim)
    },
  }),
  operation({
    name: 'KSM', needs: ['mergeable'], single: true,
    run: function* () {
      yield* ksm_do_scan()
    },
  }),
  operation({
    name: 'hugetlb truncate', needs: ['hugetlbFile'],
    run: function* ({ hugetlbFile }) {
      yield* hugetlb_vmtruncate(hugetlbFile, 0)
    },
  }),
  operation({
    name: 'hugetlb punch hole', needs: ['hugetlbFile'],
    run: function* ({ hugetlbFile }) {
      yield* hugetlbfs_punch_hole(hugetlbFile, 0, 1)
    },
  }),
  operation({
    name: 'hugetlb migration', needs: ['page'], on: ['hugetlb'],
    run: function* ({ page }) {
      if (!(yield* folio_isolate_hugetlb(page))) return
      yield* putback_movable_pages(yield* migrate_pages([page], { async: true, nosplit: false }))
    },
  }),
]
