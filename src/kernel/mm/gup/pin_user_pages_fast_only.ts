import type { Steps } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { FOLL_FAST_ONLY, FOLL_PIN } from '../../include/gup_flags.js'
import type { Mm } from '../../include/mm.js'
import type { Page } from '../../include/page.js'
import { GUP_STARTS, observe } from '../../observer.js'
import { lockless_pages_from_mm } from './lockless_pages_from_mm.js'

/** mm/gup.c:pin_user_pages_fast_only. The pages from `start` on that could be pinned without locks; may be none. */
export function* pin_user_pages_fast_only(mm: Mm, start: number, nr_pages: number, gup_flags: number): Steps<readonly Page[]> {
  const flags = gup_flags | FOLL_PIN | FOLL_FAST_ONLY
  const end = start + nr_pages
  const cpu = yield* this_cpu()
  yield* observe(GUP_STARTS, (o, m) => o.gupStarts?.(m, cpu, mm, start, end, flags))
  const pages = yield* lockless_pages_from_mm(mm, start, end, flags)
  yield* observe(pages.length > 0 ? 'return page' : 'return 0', (o, m) => o.gupReturns?.(m, cpu, mm, start, pages, flags))
  return pages
}
