import {
  PG_active, PG_anon_exclusive, PG_dirty, PG_double_map, PG_head, PG_lru, PG_mlocked, PG_referenced, PG_reserved, PG_swapbacked,
  PG_unevictable, PG_uptodate,
} from '../kernel/include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON, PAGE_MAPPING_FLAGS, PAGE_MAPPING_KSM } from '../kernel/include/page.js'
import type { System } from './system.js'

/** The bits below __NR_PAGEFLAGS. */
const PAGEFLAGS = 0x3ffffff

/** A struct page as the kernel's own helpers report it, read all at once. */
export interface PageView {
  readonly flags: number
  readonly head: Folio
  readonly compound: boolean
  readonly tail: boolean
  readonly anon: boolean
  readonly ksm: boolean
  readonly refcount: number
  readonly mapcount: number
  readonly own_mapcount: number
  readonly compound_mapcount: number
  readonly total_mapcount: number
  readonly pincount: number
  readonly content: number
}

/** Reads a page. */
export const viewPage = (system: System, page: Page): PageView => {
  const get = (cell: number): number => system.get(cell)
  const { kernel } = system
  const headRef = get(page.compound_head)
  const head = headRef ? kernel.page(headRef - 1) : page
  const compound = (get(head.flags) & PG_head) !== 0
  const mapping = get(head.mapping) & PAGE_MAPPING_FLAGS
  const anon = (mapping & PAGE_MAPPING_ANON) !== 0
  const own_mapcount = get(page._mapcount) + 1
  const compound_mapcount = compound ? get(head.compound_mapcount) + 1 : 0
  const double = compound && (get(kernel.page(head.pfn + 1).flags) & PG_double_map) !== 0
  const nr = kernel.geometry.ptrsPerPte
  let sum = 0
  if (compound) for (let i = 0; i < nr; i++) sum += get(kernel.page(head.pfn + i)._mapcount) + 1
  const total = anon ? compound_mapcount + sum - (double ? nr : 0) : compound_mapcount + sum - compound_mapcount * nr
  const refcount = get(head._refcount)
  return {
    flags: get(page.flags) & PAGEFLAGS,
    head,
    compound,
    tail: head !== page,
    anon,
    ksm: mapping === PAGE_MAPPING_KSM,
    refcount,
    mapcount: compound && anon ? own_mapcount + compound_mapcount - (double ? 1 : 0) : own_mapcount,
    own_mapcount,
    compound_mapcount,
    total_mapcount: compound ? total : own_mapcount,
    pincount: compound && !(get(page.flags) & PG_reserved) ? get(head.compound_pincount) : refcount >> 10,
    content: get(page.content),
  }
}

const VOLATILE = [
  ['LRU', PG_lru], ['ACTIVE', PG_active], ['REFERENCED', PG_referenced], ['DIRTY', PG_dirty], ['UPTODATE', PG_uptodate],
  ['UNEVICTABLE', PG_unevictable],
] as const

/** The flags of /proc/kpageflags, as the recordings name them: those that tell what a page is, and those that change. */
export const pageFlags = (system: System, page: Page, view: PageView): readonly [core: string, volatile: string] => {
  const { zeroPage, hugeZeroPage } = system.kernel.memory
  const hugeZero = view.head === hugeZeroPage
  const thp = view.compound && (view.anon || hugeZero || (system.get(view.head.flags) & PG_lru) !== 0)
  const core = [
    ['ANON', view.anon], ['KSM', view.ksm], ['THP', thp], ['HEAD', view.compound && !view.tail], ['TAIL', view.tail],
    ['ZERO', page === zeroPage || hugeZero], ['SWAPBACKED', (view.flags & PG_swapbacked) !== 0], ['MLOCKED', (view.flags & PG_mlocked) !== 0],
  ] as const
  return [
    core.filter(([, on]) => on).map(([name]) => name).join('|'),
    VOLATILE.filter(([, bit]) => view.flags & bit).map(([name]) => name).join('|'),
  ]
}

export const isExclusive = (view: PageView): number => (view.anon && view.flags & PG_anon_exclusive ? 1 : 0)
