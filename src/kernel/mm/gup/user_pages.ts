import type { Steps } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { FOLL_FAST_ONLY, FOLL_GET, FOLL_PIN } from '../../include/gup_flags.js'
import type { Mm } from '../../include/mm.js'
import type { Page } from '../../include/page.js'
import { GUP_STARTS, observe } from '../../observer.js'
import { __gup_longterm_unlocked, internal_get_user_pages_fast } from './get_user_pages.js'

/*
 * mm/gup.c: the calls that drivers and other parts of the kernel make. Each gives the pages from `start` (a page number)
 * on that it got; may be none. FOLL_PIN pins go back by unpin_user_page(), references by put_user_page().
 */

function* fast(mm: Mm, start: number, nr: number, flags: number): Steps<readonly Page[]> {
  const cpu = yield* this_cpu()
  yield* observe(GUP_STARTS, (o, m) => o.gupStarts?.(m, cpu, mm, start, start + nr, flags))
  const { pages } = yield* internal_get_user_pages_fast(mm, start, nr, flags)
  yield* observe(pages.length > 0 ? 'return page' : 'return 0', (o, m) => o.gupReturns?.(m, cpu, mm, start, pages, flags))
  return pages
}

function* unlocked(mm: Mm, start: number, nr: number, flags: number): Steps<readonly Page[]> {
  const cpu = yield* this_cpu()
  yield* observe(GUP_STARTS, (o, m) => o.gupStarts?.(m, cpu, mm, start, start + nr, flags))
  const { pages } = yield* __gup_longterm_unlocked(mm, start, nr, flags)
  yield* observe(pages.length > 0 ? 'return page' : 'return 0', (o, m) => o.gupReturns?.(m, cpu, mm, start, pages, flags))
  return pages
}

/** Pins what can be pinned without locks. */
export const pin_user_pages_fast_only = (mm: Mm, start: number, nr: number, flags: number): Steps<readonly Page[]> =>
  fast(mm, start, nr, flags | FOLL_PIN | FOLL_FAST_ONLY)

export const pin_user_pages_fast = (mm: Mm, start: number, nr: number, flags: number): Steps<readonly Page[]> =>
  fast(mm, start, nr, flags | FOLL_PIN)

export const get_user_pages_fast = (mm: Mm, start: number, nr: number, flags: number): Steps<readonly Page[]> =>
  fast(mm, start, nr, flags | FOLL_GET)

/** With the mmap_lock held for reading in between. */
export const pin_user_pages_unlocked = (mm: Mm, start: number, nr: number, flags: number): Steps<readonly Page[]> =>
  unlocked(mm, start, nr, flags | FOLL_PIN)

export const get_user_pages_unlocked = (mm: Mm, start: number, nr: number, flags: number): Steps<readonly Page[]> =>
  unlocked(mm, start, nr, flags | FOLL_GET)
