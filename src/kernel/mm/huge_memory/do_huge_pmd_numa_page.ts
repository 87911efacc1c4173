import type { Steps } from '../../../engine/model/step.js'
import type { VmFault } from '../../include/fault.js'
import type { Pmd } from '../../include/pgtable.js'
import { has } from '../../kernel.js'
import { pmd_align } from '../addr_end.js'
import { vm_normal_page_pmd } from '../memory/vm_normal_page_pmd.js'
import { migrate_misplaced_page, numa_migrate_prep } from '../migrate/migrate_misplaced_page.js'
import { pmd_unlock } from '../pgtable.js'
import { folio_put } from '../swap/folio_put.js'
import { old_do_huge_pmd_numa_page } from './migrate_misplaced_transhuge_page.js'
import { clear_hint, lock_same_pmd } from './numa_hint.js'

/** Tries to move the page, with the lock dropped meanwhile. True if there is nothing left to do. */
function* try_migrate(vmf: VmFault, orig: Pmd): Steps<boolean> {
  const folio = yield* vm_normal_page_pmd(vmf.vma, pmd_align(vmf.address), orig)
  if (!folio) return false
  const nid = yield* numa_migrate_prep(folio)
  if (nid === undefined) {
    yield* folio_put(folio)
    return false
  }
  yield* pmd_unlock(vmf.mm)
  return (yield* migrate_misplaced_page(folio, nid)) || !(yield* lock_same_pmd(vmf, orig))
}

/** mm/huge_memory.c:do_huge_pmd_numa_page. The page moves to the node of its user if it can; otherwise the hint is taken away. */
export function* do_huge_pmd_numa_page(vmf: VmFault, orig: Pmd): Steps<number> {
  if (!has('c5b5a3dd2c1f')) return yield* old_do_huge_pmd_numa_page(vmf, orig)
  if (!(yield* lock_same_pmd(vmf, orig)) || (yield* try_migrate(vmf, orig))) return 0
  yield* clear_hint(vmf, orig)
  yield* pmd_unlock(vmf.mm)
  return 0
}
