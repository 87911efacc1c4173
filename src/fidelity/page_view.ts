import {
  PG_active, PG_anon_exclusive, PG_dirty, PG_double_map, PG_head, PG_lru, PG_mlocked, PG_referenced, PG_reserved, PG_swapbacked,
  PG_unevictable, PG_uptodate,
} from '../kernel/include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON, PAGE_MAPPING_FLAGS, PAGE_MAPPING_KSM } from '../kernel/include/page.js'
import { byKernel } from '../machine/kernels.js'
import type { System } from './system.js'

/** The bits below __NR_PAGEFLAGS. */
const PAGEFLAGS = 0x3ffffff

/** fs/proc/page.c:stable_page_flags of 6.12 tests PAGE_MAPPING_KSM by one bit, which is also that of anonymous memory. */
const ANON_LOOKS_LIKE_KSM = byKernel({ '6.1': false, '6.12': true, '7.2': false })

/** Since 6.12 what fs/proc/page.c:stable_page_flags shows of a part are the flags of the folio. */
const PARTS_SHOW_FOLIO = byKernel({ '6.1': false, '6.12': true })

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

/** The pages of one observation, each read once: the mapcounts of a huge page are many. */
export class PageViews {
  private readonly views = new Map<Page, PageView>()
  private readonly sums = new Map<Folio, number>()

  constructor(private readonly system: System) {}

  of(page: Page): PageView {
    const known = this.views.get(page)
    if (known) return known
    const view = this.read(page)
    this.views.set(page, view)
    return view
  }

  private get(cell: number): number {
    return this.system.get(cell)
  }

  /** Sum of the mapcounts of all pages of a folio. */
  private sumOf(head: Folio): number {
    let sum = this.sums.get(head) ?? 0
    if (this.sums.has(head)) return sum
    const { kernel } = this.system
    for (let i = 0; i < kernel.geometry.ptrsPerPte; i++) sum += this.get(kernel.page(head.pfn + i)._mapcount) + 1
    this.sums.set(head, sum)
    return sum
  }

  private read(page: Page): PageView {
    const { kernel } = this.system
    const headRef = this.get(page.compound_head)
    const head = headRef ? kernel.page(headRef - 1) : page
    const compound = (this.get(head.flags) & PG_head) !== 0
    const mapping = this.get(head.mapping) & PAGE_MAPPING_FLAGS
    const anon = (mapping & PAGE_MAPPING_ANON) !== 0
    const own_mapcount = this.get(page._mapcount) + 1
    const compound_mapcount = compound ? this.get(head.compound_mapcount) + 1 : 0
    const double = compound && (this.get(kernel.page(head.pfn + 1).flags) & PG_double_map) !== 0
    const nr = kernel.geometry.ptrsPerPte
    const sum = compound ? this.sumOf(head) : 0
    const total = anon ? compound_mapcount + sum - (double ? nr : 0) : compound_mapcount + sum - compound_mapcount * nr
    const refcount = this.get(head._refcount)
    return {
      flags: this.get(page.flags) & PAGEFLAGS,
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
      pincount: compound && !(this.get(page.flags) & PG_reserved) ? this.get(head.compound_pincount) : refcount >> 10,
      content: this.get(page.content),
    }
  }
}

/** The page whose flags user space sees for those of `page`, whose folio is `head`. */
export const shownPage = (system: System, page: Page, head: Folio): Page =>
  PARTS_SHOW_FOLIO.on(system.kernel.changes.kernel) ? head : page

const shownFlags = (system: System, { tail, flags, head }: PageView): number =>
  tail && PARTS_SHOW_FOLIO.on(system.kernel.changes.kernel) ? system.get(head.flags) : flags

/** Names of bits, joined; each combination once. */
const joined = (names: readonly string[]): ((bits: number) => string) => {
  const known: string[] = []
  return (bits) => (known[bits] ??= names.filter((_, i) => bits & (1 << i)).join('|'))
}

const core = joined(['ANON', 'KSM', 'THP', 'HEAD', 'TAIL', 'ZERO', 'SWAPBACKED', 'MLOCKED'])
const changing = joined(['LRU', 'ACTIVE', 'REFERENCED', 'DIRTY', 'UPTODATE', 'UNEVICTABLE'])

const packed = (...bits: readonly (boolean | number)[]): number => bits.reduce<number>((all, bit, i) => (bit ? all | (1 << i) : all), 0)

/** The flags of /proc/kpageflags, as the recordings name them: those that tell what a page is, and those that change. */
export const pageFlags = (system: System, page: Page, view: PageView): readonly [core: string, volatile: string] => {
  const { zeroPage, hugeZeroPage } = system.kernel.memory
  const { anon } = view
  const flags = shownFlags(system, view)
  const hugeZero = view.head === hugeZeroPage
  const thp = view.compound && (anon || hugeZero || (system.get(view.head.flags) & PG_lru) !== 0)
  return [
    core(packed(anon, view.ksm || (anon && ANON_LOOKS_LIKE_KSM.on(system.kernel.changes.kernel)), thp, view.compound && !view.tail, view.tail, page === zeroPage || hugeZero, flags & PG_swapbacked, flags & PG_mlocked)),
    changing(packed(flags & PG_lru, flags & PG_active, flags & PG_referenced, flags & PG_dirty, flags & PG_uptodate, flags & PG_unevictable)),
  ]
}

/** PG_anon_exclusive as user space sees it, which of a part of a huge page may be that of the whole. */
export const isExclusive = (system: System, view: PageView): number => (view.anon && shownFlags(system, view) & PG_anon_exclusive ? 1 : 0)
