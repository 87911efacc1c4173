import { load, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { VM_FAULT_SIGBUS, type VmFault } from '../../include/fault.js'
import type { Page } from '../../include/page.js'
import type { VmOperations } from '../../include/vm_operations.js'
import { kernel } from '../../kernel.js'
import { down_read, up_read } from '../../locking/rwsem.js'
import { xas_load } from '../../mm/filemap/filemap_get_folio.js'
import { linear_page_index } from '../../mm/linear_page_index.js'
import { vmf_insert_mixed } from '../../mm/memory/vmf_insert_mixed.js'
import type { DaxInode } from './dax_inode.js'

/** fs/dax.c:dax_insert_entry and dax_associate_entry. The entry counts nothing: an idle page has one reference. */
function* dax_insert_entry(mapping: AddressSpace, index: number, page: Page): Steps {
  if ((yield* xas_load(mapping, index)) === page) return
  yield* store(page.mapping, mapping.ref << 2, { label: 'page->mapping = mapping' })
  yield* store(page.index, index, { label: 'page->index = index' })
  yield* store(mapping.i_pages[index]!, page.pfn + 1, { label: 'xas_store(dax entry)' })
}

/** fs/dax.c:dax_iomap_pte_fault */
function* dax_iomap_fault(inode: DaxInode, mapping: AddressSpace, vmf: VmFault): Steps<number> {
  const index = yield* linear_page_index(vmf.vma, vmf.address)
  const block = inode.blocks[index]
  if (index >= (yield* load(mapping.i_size, { label: 'i_size_read(inode)' })) || !block) return VM_FAULT_SIGBUS
  yield* dax_insert_entry(mapping, index, block)
  return yield* vmf_insert_mixed(vmf.vma, vmf.address, block.pfn, true)
}

/** fs/ext4/file.c:ext4_dax_huge_fault, of a small page. Without devmap entries there is no ZONE_DEVICE memory. */
function* ext4_dax_fault(inode: DaxInode, vmf: VmFault): Steps<number> {
  const { mapping } = inode
  if (!mapping || !kernel().profile.pteDevmap) return VM_FAULT_SIGBUS
  yield* down_read(inode.invalidate_lock, 'filemap_invalidate_lock_shared()')
  const result = yield* dax_iomap_fault(inode, mapping, vmf)
  yield* up_read(inode.invalidate_lock, 'filemap_invalidate_unlock_shared()')
  return result
}

/** fs/ext4/file.c:ext4_dax_vm_ops */
export const ext4_dax_vm_ops = (inode: DaxInode): VmOperations => ({ fault: (vmf) => ext4_dax_fault(inode, vmf) })
