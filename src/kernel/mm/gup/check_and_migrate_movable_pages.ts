import type { Steps } from '../../../engine/model/step.js'
import type { Page } from '../../include/page.js'
import { is_longterm_pinnable_page } from './try_grab_folio.js'

/**
 * mm/gup.c:check_and_migrate_movable_pages: 0 if all pages may stay where they are. None of this machine's memory is movable
 * yet, so nothing is ever migrated.
 */
export function* check_and_migrate_movable_pages(pages: readonly Page[]): Steps<number | 'again'> {
  return pages.every(is_longterm_pinnable_page) ? 0 : 'again'
}
