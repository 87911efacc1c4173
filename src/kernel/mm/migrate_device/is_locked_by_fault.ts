import type { Page } from '../../include/page.js'
import { has } from '../../kernel.js'

/** Whether this is the page whose fault the driver is called for: since 7.3 do_swap_page() has locked it, and unlocks it. */
export const is_locked_by_fault = (page: Page, fault_page: Page | undefined): boolean => has('devpriv-trylock') && page === fault_page
