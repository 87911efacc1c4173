import { atomic, type Step, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { Folio } from '../../include/page.js'
import { HPAGE_RESV_OWNER } from '../../include/resv_map.js'
import { VM_MAYSHARE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { down_write, up_write } from '../../locking/rwsem.js'
import { vma_interval_tree } from '../mmap/vma_interval_tree.js'
import { unmap_hugepage_range } from './unmap_hugepage_range.js'

/**
 * Where the VMA maps this place of the file privately, if it has not set pages aside itself. Before 7.3 the address of the fault stood
 * for that, also where the child has moved its mapping.
 */
const place_without_reserve = (vma: Vma, index: number, faulting: number): Step<number | undefined> =>
  atomic('is_vma_resv_set(iter_vma, HPAGE_RESV_OWNER)', (m) => {
    const owner = (m.get(vma.vm_private_data) & HPAGE_RESV_OWNER) !== 0
    const address = m.get(vma.vm_start) + index - m.get(vma.vm_pgoff)
    const covers = m.get(vma.vm_start) <= address && address < m.get(vma.vm_end)
    if (!covers || owner || m.get(vma.vm_flags) & VM_MAYSHARE) return undefined
    return has('hugetlb-unmap-other-address') ? address : faulting
  })

function* unmap_others(mapping: AddressSpace, vma: Vma, page: Folio, index: number, address: number): Steps {
  for (const other of yield* vma_interval_tree(mapping)) {
    if (other === vma) continue
    const place = yield* place_without_reserve(other, index, address)
    if (place !== undefined) yield* unmap_hugepage_range(other, place, place + 1, page)
  }
}

/**
 * mm/hugetlb.c:unmap_ref_private. The page is taken from all who map it privately and have set none aside: from children. Their
 * next fault here is their end: they would find zeroes.
 */
export function* unmap_ref_private(vma: Vma, page: Folio, address: number): Steps {
  const { mapping, index } = yield* atomic('mapping = vma->vm_file->f_mapping', (m) => ({
    mapping: kernel().files.deref(m.get(vma.vm_file)),
    index: address - m.get(vma.vm_start) + m.get(vma.vm_pgoff),
  }))
  yield* down_write(mapping.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  yield* unmap_others(mapping, vma, page, index, address)
  yield* up_write(mapping.i_mmap_rwsem, 'i_mmap_unlock_write(mapping)')
}
