import { atomic, type Steps, store, until } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { has, kernel } from '../../kernel.js'
import { down_write, up_write } from '../../locking/rwsem.js'
import { unmap_mapping_pages } from '../../mm/memory/unmap_mapping_range.js'
import { observe } from '../../observer.js'
import { get_unlocked_entry } from './dax_entry.js'
import type { DaxInode } from './dax_inode.js'
import { dax_layout_busy_page } from './dax_layout_busy_page.js'

const lock = (inode: DaxInode) => down_write(inode.invalidate_lock, 'filemap_invalidate_lock(mapping)')
const unlock = (inode: DaxInode) => up_write(inode.invalidate_lock, 'filemap_invalidate_unlock(mapping)')

/** fs/ext4/inode.c:ext4_break_layouts: waits until every page of the file is idle. Under the invalidate_lock, which it drops to wait. */
export function* ext4_break_layouts(inode: DaxInode, mapping: AddressSpace): Steps {
  for (;;) {
    const page = yield* dax_layout_busy_page(mapping)
    if (!page) return
    yield* unlock(inode)
    yield* until(page._refcount, (refs) => refs === 1, { label: 'wait_var_event(&page->_refcount)' })
    yield* lock(inode)
  }
}

/** fs/dax.c:__dax_invalidate_entry, and the block goes back to the filesystem. */
function* free_block(mapping: AddressSpace, index: number): Steps {
  const pfn = yield* get_unlocked_entry(mapping, index)
  if (pfn === undefined) return
  const page = kernel().page(pfn)
  yield* store(page.mapping, 0, { label: 'page->mapping = NULL' })
  yield* atomic('xas_store(NULL)', (m) => {
    m.set(mapping.i_pages[index]!, 0)
    m.set(mapping.dax_entries[index]!, 0)
  })
  yield* observe('ext4_free_blocks()', (o, m) => o.freesBlock?.(m, page))
}

/** fs/ext4/inode.c:ext4_setattr: truncate() of a file to nothing. */
export function* ext4_truncate(inode: DaxInode): Steps {
  const { mapping } = inode
  if (!mapping) return
  yield* lock(inode)
  if (has('5fac7408d828')) yield* ext4_break_layouts(inode, mapping)
  yield* store(mapping.i_size, 0, { label: 'i_size_write(inode, 0)' })
  yield* unmap_mapping_pages(mapping, 0, mapping.i_pages.length, true)
  for (const index of mapping.i_pages.keys()) yield* free_block(mapping, index)
  yield* unlock(inode)
}
