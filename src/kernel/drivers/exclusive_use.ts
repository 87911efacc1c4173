import type { Step } from '../../engine/model/step.js'
import type { Page } from '../include/page.js'
import { observe } from '../observer.js'

/** A driver relies on it from here on that nobody but the kernel reaches the page's memory. */
export const exclusive_use = (page: Page): Step<void> => observe('kernel is alone with page', (o, m) => o.usesAlone?.(m, page, true))

/** It does so no longer: the page may be mapped again. */
export const exclusive_use_ends = (page: Page): Step<void> => observe('page is shared again', (o, m) => o.usesAlone?.(m, page, false))
