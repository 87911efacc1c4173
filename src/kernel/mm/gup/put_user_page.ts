import type { Steps } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import type { Page } from '../../include/page.js'
import { observe } from '../../observer.js'
import { put_page } from '../swap/folio_put.js'

/** put_page() of a page that get_user_pages() gave. */
export function* put_user_page(page: Page): Steps {
  const cpu = yield* this_cpu()
  yield* observe('put_page(page)', (o, m) => o.unpins?.(m, cpu, page, false))
  yield* put_page(page)
}
