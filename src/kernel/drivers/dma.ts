import { atomic, type Step } from '../../engine/model/step.js'
import type { Page } from '../include/page.js'
import { kernel } from '../kernel.js'

/** A device, or the kernel for a pin holder, writes `value` into a page by its physical address. */
export const dma_write = (page: Page, value: number): Step<void> =>
  atomic(`write ${value} to page`, (m) => {
    m.set(page.content, value)
    for (const observer of kernel().observers) observer.writesThroughPin?.(m, page, value)
  })

/** Reads a page by its physical address. */
export const dma_read = (page: Page): Step => atomic('read page', (m) => m.get(page.content))
