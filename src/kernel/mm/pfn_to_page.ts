import type { Page } from '../include/page.js'
import { kernel } from '../kernel.js'

/** include/asm-generic/memory_model.h:pfn_to_page. Whoever has a number has a page: get_page_unless_zero() says whether it is in use. */
export const pfn_to_page = (pfn: number): Page => kernel().page(pfn)
