import type { Cell } from '../../engine/model/memory.js'
import type { Steps } from '../../engine/model/step.js'
import { type Pmd, pmd_bad, pmd_none, pmd_trans_huge } from '../include/pgtable.js'
import { pmdp_get } from './pgtable.js'

/**
 * include/linux/pgtable.h:pmd_none_or_trans_huge_or_clear_bad. Under the mmap_lock for reading a PMD may become huge
 * and none again, but not while it points to a table. Returns the word that points to a table, or undefined.
 */
export function* pmd_of_table(pmdp: Cell): Steps<Pmd | undefined> {
  const pmd = yield* pmdp_get(pmdp)
  return pmd_none(pmd) || pmd_trans_huge(pmd) || pmd_bad(pmd) ? undefined : pmd
}
