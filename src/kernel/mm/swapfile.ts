import type { Steps } from '../../engine/model/step.js'
import type { Pte } from '../include/pgtable.js'

/** mm/swapfile.c:free_swap_and_cache. There is no swap area yet. */
export function* free_swap_and_cache(_entry: Pte): Steps {}
