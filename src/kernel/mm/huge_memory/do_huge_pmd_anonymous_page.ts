import { fetchAdd, load, setBits, type Steps } from '../../../engine/model/step.js'
import { handle_userfault } from '../../fs/userfaultfd/handle_userfault.js'
import { userfaultfd_armed } from '../../fs/userfaultfd/userfaultfd_armed.js'
import { FAULT_FLAG_WRITE, VM_FAULT_FALLBACK, type VmFault } from '../../include/fault.js'
import { PG_uptodate } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { pmd_none, pte_mkdirty, pte_mkspecial } from '../../include/pgtable.js'
import { VM_UFFD_MISSING } from '../../include/vm_flags.js'
import { has, kernel } from '../../kernel.js'
import { pmd_align } from '../addr_end.js'
import { check_stable_address_space } from '../oom_kill/check_stable_address_space.js'
import { alloc_hugepage } from '../page_alloc.js'
import { pmd_lock, pmd_unlock, pmdp_get, pte_alloc_one, pte_free, set_pmd_at } from '../pgtable.js'
import { pgtable_trans_huge_deposit } from '../pgtable_generic.js'
import { page_add_new_anon_rmap } from '../rmap/add_anon_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { lru_cache_add_inactive_or_unevictable } from '../swap/lru_cache_add_inactive_or_unevictable.js'
import { clear_huge_page } from './clear_huge_page.js'
import { transhuge_vma_suitable } from './hugepage_vma_check.js'
import { maybe_pmd_mkwrite, mk_huge_pmd } from './mk_huge_pmd.js'
import { vmf_anon_prepare } from '../memory/vmf_anon_prepare.js'

/** A read of memory that was never written maps the huge zero page. */
function* set_huge_zero_page(vmf: VmFault): Steps<number> {
  const table = yield* pte_alloc_one()
  yield* pmd_lock(vmf.mm)
  const none = pmd_none(yield* pmdp_get(vmf.pmdp))
  const unstable = none ? yield* check_stable_address_space(vmf.mm) : 0
  const missing = none && !unstable && (yield* userfaultfd_armed(vmf.vma, VM_UFFD_MISSING))
  if (missing) {
    yield* pmd_unlock(vmf.mm)
    yield* pte_free(table)
    return yield* handle_userfault(vmf, VM_UFFD_MISSING)
  }
  if (none && !unstable) {
    const prot = yield* load(vmf.vma.vm_page_prot, { label: 'vma->vm_page_prot' })
    yield* pgtable_trans_huge_deposit(vmf.mm, table)
    const pmd = mk_huge_pmd(kernel().memory.hugeZeroPage, prot)
    yield* set_pmd_at(vmf.pmdp, has('huge-zero-special') ? pte_mkspecial(pmd) : pmd)
    yield* fetchAdd(vmf.mm.nr_ptes, 1, { label: 'mm_inc_nr_ptes(mm)' })
  } else yield* pte_free(table)
  yield* pmd_unlock(vmf.mm)
  return unstable
}

/** mm/huge_memory.c:__do_huge_pmd_anonymous_page */
export function* __do_huge_pmd_anonymous_page(vmf: VmFault, folio: Folio): Steps<number> {
  const { mm, vma, pmdp } = vmf
  const table = yield* pte_alloc_one()
  yield* clear_huge_page(folio)
  yield* setBits(folio.flags, PG_uptodate, { label: '__SetPageUptodate(page)' })
  yield* pmd_lock(mm)
  const none = pmd_none(yield* pmdp_get(pmdp))
  const unstable = none ? yield* check_stable_address_space(mm) : 0
  const missing = none && !unstable && (yield* userfaultfd_armed(vma, VM_UFFD_MISSING))
  if (none && !unstable && !missing) {
    const pmd = pte_mkdirty(mk_huge_pmd(folio, yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' })))
    const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
    yield* page_add_new_anon_rmap(folio, vma, pmd_align(vmf.address))
    yield* lru_cache_add_inactive_or_unevictable(folio, vma)
    yield* pgtable_trans_huge_deposit(mm, table)
    yield* set_pmd_at(pmdp, maybe_pmd_mkwrite(pmd, vm_flags))
    yield* fetchAdd(mm.nr_ptes, 1, { label: 'mm_inc_nr_ptes(mm)' })
    yield* pmd_unlock(mm)
    return 0
  }
  yield* pmd_unlock(mm)
  yield* pte_free(table)
  yield* folio_put(folio)
  return missing ? yield* handle_userfault(vmf, VM_UFFD_MISSING) : unstable
}

/** mm/huge_memory.c:do_huge_pmd_anonymous_page */
export function* do_huge_pmd_anonymous_page(vmf: VmFault): Steps<number> {
  if (!(yield* transhuge_vma_suitable(vmf.vma, vmf.address))) return VM_FAULT_FALLBACK
  const refused = yield* vmf_anon_prepare(vmf)
  if (refused) return refused
  if (!(vmf.flags & FAULT_FLAG_WRITE)) return yield* set_huge_zero_page(vmf)
  const folio = yield* alloc_hugepage()
  return folio ? yield* __do_huge_pmd_anonymous_page(vmf, folio) : VM_FAULT_FALLBACK
}
