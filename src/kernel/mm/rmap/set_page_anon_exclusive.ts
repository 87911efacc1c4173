import { setBits, type Steps } from '../../../engine/model/step.js'
import { PG_anon_exclusive } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { has } from '../../kernel.js'

/** include/linux/page-flags.h:SetPageAnonExclusive. Before 5.19 there is no such bit: faults go by counts, and fork() by pins alone. */
export function* SetPageAnonExclusive(page: Page): Steps {
  if (has('6c287605fd56')) yield* setBits(page.flags, PG_anon_exclusive, { label: 'SetPageAnonExclusive(page)' })
}
