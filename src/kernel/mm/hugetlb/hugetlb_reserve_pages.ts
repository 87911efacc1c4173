import { atomic, type Step, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { HPAGE_RESV_OWNER, type ResvMap } from '../../include/resv_map.js'
import { VM_MAYSHARE, VM_NORESERVE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { slab_alloc, slab_free } from '../../slab.js'
import { hugetlb_acct_memory } from './alloc_huge_page.js'
import { region_add, region_chg, region_del } from './resv_map.js'

/** resv_map_alloc(), and the VMA is its owner. */
const set_vma_resv_map = (vma: Vma): Step<ResvMap> =>
  atomic('vma->vm_private_data = resv_map_alloc()', (m) => {
    const resv = slab_alloc(m, kernel().resvMaps)
    m.set(resv.refs, 1)
    m.set(resv.regions, 0)
    m.set(resv.rw_sema, 0)
    m.set(vma.vm_private_data, (resv.ref << 2) | HPAGE_RESV_OWNER)
    return resv
  })

/** kref_put(&resv->refs, resv_map_release) */
export const resv_map_put = (resv: ResvMap): Step<void> =>
  atomic('kref_put(&resv->refs)', (m) => {
    m.set(resv.refs, m.get(resv.refs) - 1)
    if (m.get(resv.refs) === 0) slab_free(m, kernel().resvMaps, resv)
  })

/** A shared mapping: the places that no other has set aside yet. */
function* reserve_shared(resv: ResvMap, from: number, to: number): Steps<boolean> {
  const chg = yield* region_chg(resv, from, to)
  if (chg && !(yield* hugetlb_acct_memory(chg))) return false
  const added = yield* region_add(resv, from, to)
  if (chg > added && has('hugetlb-reserve-vs-alloc') && !has('mutant-reserve-unadjusted')) {
    yield* hugetlb_acct_memory(added - chg)
  }
  return true
}

/** mm/hugetlb.c:hugetlb_reserve_pages, in mmap() of the places [from, to). False: there are not as many. No subpools, no cgroups. */
export function* hugetlb_reserve_pages(mapping: AddressSpace, from: number, to: number, vma: Vma, vm_flags: number): Steps<boolean> {
  if (vm_flags & VM_NORESERVE) return true
  if (vm_flags & VM_MAYSHARE) return yield* reserve_shared(mapping.resv_map!, from, to)
  const resv = yield* set_vma_resv_map(vma)
  if (yield* hugetlb_acct_memory(to - from)) return true
  yield* resv_map_put(resv)
  yield* atomic('set_vma_resv_map(vma, NULL)', (m) => m.set(vma.vm_private_data, 0))
  return false
}

/** mm/hugetlb.c:hugetlb_unreserve_pages: the file has lost the places [start, end), of which `freed` had pages. */
export function* hugetlb_unreserve_pages(mapping: AddressSpace, start: number, end: number, freed: number): Steps {
  const chg = yield* region_del(mapping.resv_map!, start, end)
  if (chg !== freed) yield* hugetlb_acct_memory(freed - chg)
}
