import { holding } from '../../engine/model/lock.js'
import type { Access } from '../../engine/model/memory.js'
import { atomic, setBits, type Step, type StepOptions, type Steps } from '../../engine/model/step.js'
import { __GFP_DIRECT_RECLAIM, __GFP_MOVABLE, __GFP_THISNODE, GFP_HIGHUSER_MOVABLE, GFP_KERNEL, GFP_TRANSHUGE } from '../include/gfp.js'
import { format_page_flags, PAGE_FLAGS_CHECK_AT_FREE, PAGE_FLAGS_CHECK_AT_PREP, PG_head, PG_mlocked } from '../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_FLAGS } from '../include/page.js'
import { has, kernel } from '../kernel.js'
import { PF_MEMALLOC_PIN } from './might_alloc.js'
import { __alloc_pages_slowpath } from './vmscan/alloc_slowpath.js'

/** mm/page_alloc.c:page_expected_state: what is wrong with a page that nobody has. */
function bad_state(m: Access, page: Page, flags: number): string | undefined {
  if (m.get(page._mapcount) !== -1) return 'nonzero mapcount'
  if (m.get(page.mapping)) return 'non-NULL mapping'
  if (m.get(page._refcount)) return 'nonzero _refcount'
  return m.get(page.flags) & flags ? `flags ${format_page_flags(m.get(page.flags) & flags)}` : undefined
}

/** mm/page_alloc.c:bad_page. A page is freed, or found free, in a state that says that somebody uses it. */
function bad_page(m: Access, page: Page, bad: string | undefined): void {
  if (bad) m.violate('O13', `BUG: Bad page state: page ${page.pfn} has ${bad}`)
}

/** mm/page_alloc.c:check_new_page and prep_new_page, with one reference. */
export const prep_new_page = (m: Access, page: Page, refs: number): void => {
  bad_page(m, page, bad_state(m, page, PAGE_FLAGS_CHECK_AT_PREP))
  for (const observer of kernel().observers) observer.allocates?.(m, page)
  m.set(page.flags, 0)
  m.set(page.mapping, 0)
  m.set(page.private, 0)
  m.set(page.compound_head, 0)
  m.set(page._mapcount, -1)
  m.set(page._refcount, refs)
}

/** Nodes that an allocation may be from, the nearest first. Without __GFP_MOVABLE not from ZONE_MOVABLE. */
function nodes(gfp: number, nid: number): number[] {
  const { memory, geometry } = kernel()
  const all = Array.from({ length: gfp & __GFP_THISNODE ? 1 : geometry.nodes }, (_, i) => (nid + i) % geometry.nodes)
  return all.filter((node) => gfp & __GFP_MOVABLE || !memory.movable.has(node))
}

/**
 * include/linux/sched/mm.h:current_gfp_context, as far as it is about where memory is from: who pins for long gets none that would have
 * to move out of the way again.
 */
export function* current_gfp_context(gfp: number): Steps<number> {
  const { memory } = kernel()
  if (!(gfp & __GFP_MOVABLE) || memory.movable.size + memory.cma.size === 0) return gfp
  return (yield* holding(PF_MEMALLOC_PIN)) ? gfp & ~__GFP_MOVABLE : gfp
}

/** What an allocation with these flags is, for those who look whether it may sleep here. */
const sleeps = (gfp: number): StepOptions => (gfp & __GFP_DIRECT_RECLAIM ? { lock: { op: 'sleep' } } : {})

/**
 * mm/page_alloc.c:get_page_from_freelist. The last page freed is the first allocated, as from a pcp list. CMA is used for movable memory
 * when a node has nothing else left (6.1 starts earlier, when half of what is free is CMA).
 */
export const get_page_from_freelist = (gfp: number, nid: number): Step<Page | undefined> =>
  atomic('page = alloc_page()', (m) => {
    const { memory } = kernel()
    for (const node of nodes(gfp, nid)) {
      for (const list of [memory.freePages[node]!, ...(gfp & __GFP_MOVABLE ? memory.freeCma.slice(node, node + 1) : [])]) {
        const page = memory.pages[m.get(list)]
        if (!page) continue
        m.set(list, m.get(page.lru))
        prep_new_page(m, page, 1)
        return page
      }
    }
    return undefined
  }, sleeps(gfp))

/** mm/page_alloc.c:__alloc_pages, order 0. */
export function* alloc_page(gfp = GFP_HIGHUSER_MOVABLE, nid = 0): Steps<Page | undefined> {
  yield* __alloc_pages_slowpath(gfp)
  return yield* get_page_from_freelist(yield* current_gfp_context(gfp), nid)
}

/** mm/page_alloc.c:__alloc_pages of a huge page, and prep_compound_page. */
export function* alloc_hugepage(gfp = GFP_TRANSHUGE, nid = 0): Steps<Folio | undefined> {
  yield* __alloc_pages_slowpath(gfp)
  const fine = has('fine-compound-alloc')
  const folio = yield* get_block_from_freelist(yield* current_gfp_context(gfp), nid, !fine)
  if (folio && fine) yield* prep_compound_page(folio)
  return folio
}

/** __alloc_pages of a block without __GFP_COMP: separate pages, of which only the first has a reference. */
export function* alloc_pages(gfp = GFP_KERNEL, nid = 0): Steps<Page | undefined> {
  yield* __alloc_pages_slowpath(gfp)
  return yield* get_block_from_freelist(gfp, nid, false)
}

const get_block_from_freelist = (gfp: number, nid: number, compound = true): Step<Folio | undefined> =>
  atomic(compound ? 'folio = alloc_hugepage()' : 'page = alloc_pages(order)', (m) => {
    const { memory } = kernel()
    for (const node of nodes(gfp, nid)) {
      const list = memory.freeBlocks[node]!
      const block = memory.blocks[m.get(list) - 1]
      if (!block) continue
      m.set(list, m.get(block.next))
      m.set(block.nrFree, 0)
      const head = block.pages[0]!
      for (const page of block.pages) prep_new_page(m, page, 0)
      m.set(head._refcount, 1)
      if (compound) {
        m.set(head.flags, PG_head)
        for (const page of block.pages.slice(1)) prep_compound_tail(m, page, head)
        prep_compound_head(m, head)
      }
      return head
    }
    return undefined
  }, sleeps(gfp))

const prep_compound_tail = (m: Access, page: Page, head: Page): void => m.set(page.compound_head, head.pfn + 1)

const prep_compound_head = (m: Access, head: Page): void => {
  m.set(head.compound_mapcount, -1)
  m.set(head.compound_pincount, 0)
}

/** mm/page_alloc.c:prep_compound_page, of pages of which the first has its reference already. */
function* prep_compound_page(head: Folio): Steps {
  yield* setBits(head.flags, PG_head, { label: '__SetPageHead(page)' })
  for (const page of kernel().memory.blocks[head.block]!.pages.slice(1)) {
    yield* atomic('prep_compound_tail(page, i)', (m) => prep_compound_tail(m, page, head))
  }
  yield* atomic('prep_compound_head(page)', (m) => prep_compound_head(m, head))
}

/** mm/page_alloc.c:free_pages_prepare, of one page. */
function free_prepare(m: Access, page: Page): void {
  m.set(page.flags, m.get(page.flags) & ~PG_mlocked)
  if (m.get(page.mapping) & PAGE_MAPPING_FLAGS) m.set(page.mapping, 0)
  const bad = bad_state(m, page, PAGE_FLAGS_CHECK_AT_FREE)
  m.set(page.flags, m.get(page.flags) & ~PAGE_FLAGS_CHECK_AT_PREP)
  m.set(page.compound_head, 0)
  for (const observer of kernel().observers) observer.frees?.(m, page)
  bad_page(m, page, bad)
}

const free_one = (m: Access, page: Page): void => {
  const { memory } = kernel()
  free_prepare(m, page)
  if (page.block < 0) {
    const list = (memory.cma.has(page) ? memory.freeCma : memory.freePages)[page.nid]!
    m.set(page.lru, m.get(list))
    m.set(list, page.pfn)
    return
  }
  const block = memory.blocks[page.block]!
  const free = m.get(block.nrFree) + 1
  m.set(block.nrFree, free)
  if (free < block.pages.length) return
  m.set(block.next, m.get(memory.freeBlocks[page.nid]!))
  m.set(memory.freeBlocks[page.nid]!, page.block + 1)
}

/** Gives a folio back, inside a step. A huge page leaves the queue of deferred splits (mm/huge_memory.c:free_transhuge_page). */
export const free_folio = (m: Access, folio: Folio): void => {
  const block = m.get(folio.flags) & PG_head ? kernel().memory.blocks[folio.block] : undefined
  const pages = block?.pages ?? [folio]
  if (block) {
    m.set(block.deferred_list, 0)
    if (m.get(folio.compound_mapcount) !== -1) m.violate('O13', `BUG: Bad page state: page ${folio.pfn} has nonzero compound_mapcount`)
    if (m.get(folio.compound_pincount) !== 0) m.violate('O13', `BUG: Bad page state: page ${folio.pfn} has nonzero compound_pincount`)
  }
  for (const page of pages) free_one(m, page)
  m.note(`page${folio.pfn} is free`)
}

/** mm/page_alloc.c:__free_pages_ok and free_unref_page. Frees a folio whose last reference is gone. */
export const free_pages = (folio: Folio): Step<void> => atomic('free_unref_page(page)', (m) => free_folio(m, folio))
