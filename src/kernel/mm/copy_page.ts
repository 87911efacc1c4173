import { load, type Step, type Steps, store } from '../../engine/model/step.js'
import type { Page } from '../include/page.js'

/** Content 0 is a page of zeroes. */
export const clear_page = (page: Page): Step<void> => store(page.content, 0, { label: 'clear_highpage(page)' })

/** include/linux/highmem.h:copy_user_highpage. Read and written in two steps: somebody may store in between. */
export function* copy_page(to: Page, from: Page): Steps {
  yield* store(to.content, yield* load(from.content, { label: 'copy_highpage(): read' }), { label: 'copy_highpage(): write' })
}
