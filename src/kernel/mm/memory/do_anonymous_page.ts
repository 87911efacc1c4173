import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { handle_userfault } from '../../fs/userfaultfd/handle_userfault.js'
import { userfaultfd_armed } from '../../fs/userfaultfd/userfaultfd_armed.js'
import { FAULT_FLAG_WRITE, VM_FAULT_OOM, VM_FAULT_SIGBUS, type VmFault } from '../../include/fault.js'
import { PG_uptodate } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { pfn_pte, pte_mkdirty, pte_mkspecial, pte_mkwrite, pte_none } from '../../include/pgtable.js'
import { VM_SHARED, VM_UFFD_MISSING, VM_WRITE } from '../../include/vm_flags.js'
import { kernel } from '../../kernel.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { clear_page } from '../copy_page.js'
import { check_stable_address_space } from '../oom_kill/check_stable_address_space.js'
import { alloc_page } from '../page_alloc.js'
import { pte_alloc, ptep_get, set_pte_at } from '../pgtable.js'
import { pmd_of_table } from '../pmd_trans_unstable.js'
import { page_add_new_anon_rmap } from '../rmap/add_anon_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { lru_cache_add_inactive_or_unevictable } from '../swap/lru_cache_add_inactive_or_unevictable.js'
import { pte_map_may_fail, pte_offset_map_lock } from './pte_lock.js'
import { vmf_anon_prepare } from './vmf_anon_prepare.js'

/** A read of memory that was never written maps the zero page. */
function* map_zero_page(vmf: VmFault): Steps<number> {
  const prot = yield* load(vmf.vma.vm_page_prot, { label: 'vma->vm_page_prot' })
  const locked = yield* pte_offset_map_lock(vmf.pmdp, vmf.address)
  if (!locked) return 0
  const { ptep, ptl } = locked
  const none = pte_none(yield* ptep_get(ptep))
  const unstable = none ? yield* check_stable_address_space(vmf.mm) : 0
  const missing = none && !unstable && (yield* userfaultfd_armed(vmf.vma, VM_UFFD_MISSING))
  if (none && !unstable && !missing) yield* set_pte_at(ptep, pte_mkspecial(pfn_pte(kernel().memory.zeroPage.pfn, prot)))
  yield* spin_unlock(ptl)
  return missing ? yield* handle_userfault(vmf, VM_UFFD_MISSING) : unstable
}

function* map_new_page(vmf: VmFault, page: Page, vm_flags: number): Steps<number> {
  yield* clear_page(page)
  yield* setBits(page.flags, PG_uptodate, { label: '__SetPageUptodate(page)' })
  const pte = pfn_pte(page.pfn, yield* load(vmf.vma.vm_page_prot, { label: 'vma->vm_page_prot' }))
  const locked = yield* pte_offset_map_lock(vmf.pmdp, vmf.address)
  if (!locked) {
    yield* folio_put(page)
    return 0
  }
  const { ptep, ptl } = locked
  const none = pte_none(yield* ptep_get(ptep))
  const unstable = none ? yield* check_stable_address_space(vmf.mm) : 0
  const missing = none && !unstable && (yield* userfaultfd_armed(vmf.vma, VM_UFFD_MISSING))
  if (none && !unstable && !missing) {
    yield* page_add_new_anon_rmap(page, vmf.vma, vmf.address)
    yield* lru_cache_add_inactive_or_unevictable(page, vmf.vma)
    yield* set_pte_at(ptep, vm_flags & VM_WRITE ? pte_mkwrite(pte_mkdirty(pte)) : pte)
  } else if (!missing) yield* folio_put(page)
  yield* spin_unlock(ptl)
  if (!missing) return unstable
  yield* folio_put(page)
  return yield* handle_userfault(vmf, VM_UFFD_MISSING)
}

/** mm/memory.c:do_anonymous_page. The page is made before the lock is taken; the loser of a race gives it back. */
export function* do_anonymous_page(vmf: VmFault): Steps<number> {
  const vm_flags = yield* load(vmf.vma.vm_flags, { label: 'vma->vm_flags' })
  if (vm_flags & VM_SHARED) return VM_FAULT_SIGBUS
  yield* pte_alloc(vmf.mm, vmf.pmdp)
  if (!pte_map_may_fail() && (yield* pmd_of_table(vmf.pmdp)) === undefined) return 0
  if (!(vmf.flags & FAULT_FLAG_WRITE)) return yield* map_zero_page(vmf)
  const refused = yield* vmf_anon_prepare(vmf)
  if (refused) return refused
  const page = yield* alloc_page()
  if (!page) return VM_FAULT_OOM
  return yield* map_new_page(vmf, page, vm_flags)
}
