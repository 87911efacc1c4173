import { load, type Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import { EACCES, EBUSY, EFAULT, ENODEV, ENOENT } from '../../include/errno.js'
import { FOLL_DUMP, FOLL_GET } from '../../include/gup_flags.js'
import type { Mm } from '../../include/mm.js'
import type { Folio, Page } from '../../include/page.js'
import { VM_IO, VM_PFNMAP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { vma_lookup } from '../find_vma.js'
import { mmget } from '../fork/mm_count.js'
import { mmput } from '../fork/mmput.js'
import { follow_page } from '../gup/follow_page.js'
import { folio_isolate_hugetlb } from '../hugetlb/folio_isolate_hugetlb.js'
import { folio_walk_end, folio_walk_start, type FolioWalk } from '../pagewalk/folio_walk.js'
import { page_mapcount } from '../rmap/mapcount.js'
import { put_page } from '../swap/folio_put.js'
import { folio_isolate_lru } from '../swap/isolate_lru.js'
import { lru_cache_disable, lru_cache_enable } from '../swap/lru_add_drain.js'
import { migrate_pages } from './migrate_pages.js'
import { putback_movable_pages } from './putback_movable_pages.js'

/** What move_pages(2) gives back: its result, and per page the node or error; undefined where nothing was stored. */
export interface MovedPages {
  readonly result: number
  readonly status: readonly (number | undefined)[]
}

/** Isolates the folio for migration. An error number, the node it is on already, or the folio. */
function* isolate_page(page: Page, folio: Folio, nid: number): Steps<number | Folio> {
  if (kernel().memory.isDevice(page)) return -ENOENT
  if (page.nid === nid) return 0
  if ((yield* page_mapcount(page)) > 1) return -EACCES
  return (yield* folio.hugetlb ? folio_isolate_hugetlb(folio) : folio_isolate_lru(folio)) ? folio : -EBUSY
}

function* migratable_vma(mm: Mm, address: number): Steps<Vma | undefined> {
  const vma = yield* vma_lookup(mm, address)
  return vma && !((yield* load(vma.vm_flags, { label: 'vma_migratable(vma)' })) & (VM_IO | VM_PFNMAP)) ? vma : undefined
}

/** Until 6.11: the page is looked up with a reference. */
function* add_mapped_page(mm: Mm, address: number, nid: number): Steps<number | Folio> {
  const vma = yield* migratable_vma(mm, address)
  if (!vma) return -EFAULT
  const page = yield* follow_page(mm, vma, address, FOLL_GET | FOLL_DUMP)
  if (typeof page === 'number') return page || -ENOENT
  const isolated = yield* isolate_page(page, yield* compound_head(page), nid)
  yield* put_page(page)
  return isolated
}

/** mm/migrate.c:__add_folio_for_migration, with the page table locked. */
export function* __add_folio_for_migration({ folio, page }: FolioWalk, nid: number): Steps<number | Folio> {
  return page ? yield* isolate_page(page, folio, nid) : -EFAULT
}

function* add_walked_folio(mm: Mm, address: number, nid: number): Steps<number | Folio> {
  const vma = yield* migratable_vma(mm, address)
  if (!vma) return -EFAULT
  const walk = yield* folio_walk_start(mm, vma, address, true)
  if (!walk) return -ENOENT
  const result = yield* __add_folio_for_migration(walk, nid)
  yield* folio_walk_end(walk)
  return result
}

/**
 * mm/migrate.c:add_folio_for_migration, which was add_page_for_migration. Pages that others map too stay where they are
 * (no MPOL_MF_MOVE_ALL).
 */
export function* add_folio_for_migration(mm: Mm, address: number, nid: number): Steps<number | Folio> {
  yield* mmap_read_lock(mm)
  const result = yield* has('folio-walk') ? add_walked_folio(mm, address, nid) : add_mapped_page(mm, address, nid)
  yield* mmap_read_unlock(mm)
  return result
}

/** mm/migrate.c:do_move_pages_to_node. Number of folios that could not be moved; these go back to the LRU. */
export function* do_move_pages_to_node(folios: readonly Folio[], nid: number): Steps<number> {
  if (folios.length === 0) return 0
  const left = yield* migrate_pages(folios, { nid, async: false, nosplit: false })
  yield* putback_movable_pages(left)
  return left.length
}

/**
 * mm/migrate.c:do_pages_move, all to one node: what is queued is migrated as soon as a page cannot be queued, and
 * the call ends when something could not be moved.
 */
export function* do_pages_move(mm: Mm, start: number, nr: number, nid: number): Steps<MovedPages> {
  const status: (number | undefined)[] = Array.from({ length: nr }, () => undefined)
  let queue: Folio[] = []
  let first = 0
  for (let i = 0; i < nr; i++) {
    const got = yield* add_folio_for_migration(mm, start + i, nid)
    if (typeof got !== 'number') {
      if (queue.length === 0) first = i
      queue = [...queue, got]
      continue
    }
    status[i] = got === 0 ? nid : got
    const failed = yield* do_move_pages_to_node(queue, nid)
    if (failed > 0) return { result: failed + nr - i - 1, status }
    if (queue.length > 0) status.fill(nid, first, i)
    queue = []
  }
  const failed = yield* do_move_pages_to_node(queue, nid)
  if (failed === 0 && queue.length > 0) status.fill(nid, first, nr)
  return { result: failed, status }
}

/** move_pages(2) with MPOL_MF_MOVE, of the own address space: `nr` pages from `start` to node `nid`. */
export function* sys_move_pages(mm: Mm, start: number, nr: number, nid: number): Steps<MovedPages> {
  yield* mmget(mm)
  yield* lru_cache_disable()
  const online = nid < kernel().geometry.nodes
  const moved = nr === 0 || online ? yield* do_pages_move(mm, start, nr, nid) : { result: -ENODEV, status: [] }
  yield* lru_cache_enable()
  yield* mmput(mm)
  return moved
}
