import type { Steps } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { compound_head } from '../../include/compound.js'
import { FOLL_PIN } from '../../include/gup_flags.js'
import type { Page } from '../../include/page.js'
import { observe } from '../../observer.js'
import { gup_put_folio } from './try_grab_folio.js'

/** mm/gup.c:unpin_user_page */
export function* unpin_user_page(page: Page): Steps {
  const cpu = yield* this_cpu()
  yield* observe('unpin_user_page(page)', (o, m) => o.unpins?.(m, cpu, page, true))
  yield* gup_put_folio(yield* compound_head(page), 1, FOLL_PIN)
}
