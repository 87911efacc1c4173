import { atomic, fetchAdd, load, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { compound_head, folio_nr_pages } from '../../include/compound.js'
import { remove_inode_hugepages } from '../../fs/hugetlbfs/remove_inode_hugepages.js'
import { kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { slab_free } from '../../slab.js'
import { filemap_lock_page } from '../filemap/filemap_get_folio.js'
import { folio_put } from '../swap/folio_put.js'
import { truncate_inode_folio } from '../truncate/truncate_inode_folio.js'

/** mm/truncate.c:truncate_inode_pages_final, for the folio at an index. Pages of the file that it was. */
function* truncate_folio_at(mapping: AddressSpace, index: number): Steps<number> {
  const page = yield* filemap_lock_page(mapping, index)
  if (!page) return 1
  const folio = yield* compound_head(page)
  const nr = yield* folio_nr_pages(folio)
  yield* truncate_inode_folio(mapping, folio)
  yield* folio_unlock(folio)
  yield* folio_put(folio)
  return nr
}

function* truncate_inode_pages(mapping: AddressSpace): Steps {
  const size = yield* load(mapping.i_size, { label: 'i_size_read(inode)' })
  for (let index = 0; index < size;) index += yield* truncate_folio_at(mapping, index)
}

/** fs/file_table.c:fput of a file of shmem or hugetlbfs (0 for none). The last reference truncates it: nothing links to it. */
export function* fput(file: number, hugetlbfs = false): Steps {
  const mapping = kernel().files.at(file)
  if (!mapping) return
  if ((yield* fetchAdd(mapping.f_count, -1, { label: 'fput(file)' })) !== 1) return
  if (hugetlbfs) yield* remove_inode_hugepages(mapping, 0)
  else yield* truncate_inode_pages(mapping)
  yield* atomic('evict(inode)', (m) => slab_free(m, kernel().files, mapping))
}
