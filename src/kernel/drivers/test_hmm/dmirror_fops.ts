import { atomic, type Steps } from '../../../engine/model/step.js'
import { MIGRATE_PFN_MIGRATE, MIGRATE_PFN_WRITE, migrate_pfn } from '../../include/migrate_vma.js'
import type { Mm } from '../../include/mm.js'
import type { Page } from '../../include/page.js'
import { kernel } from '../../kernel.js'
import { folio_lock, folio_trylock } from '../../locking/folio_lock.js'
import { copy_page } from '../../mm/copy_page.js'
import { migrate_device_finalize, migrate_device_pages } from '../../mm/migrate_device/migrate_device_pages.js'
import { migrate_device_unmap, migrate_pfn_to_page } from '../../mm/migrate_device/migrate_device_unmap.js'
import { mmu_interval_notifier_insert, mmu_interval_notifier_remove } from '../../mm/mmu_interval_notifier.js'
import { alloc_page } from '../../mm/page_alloc.js'
import { folio_put } from '../../mm/swap/folio_put.js'
import { BACKING_PAGE } from './devmem.js'
import type { Dmirror, DmirrorDevice } from './dmirror.js'

/** lib/test_hmm.c:dmirror_fops_open: the device starts to mirror the address space. */
export function* dmirror_fops_open(dmirror: Dmirror, mm: Mm): Steps {
  yield* mmu_interval_notifier_insert(dmirror.notifier, mm, 0, kernel().taskSize)
}

/** mm/migrate_device.c:migrate_device_range, one page: an element of the src array. */
function* lock_page_in_use(page: Page): Steps<number> {
  const got = yield* atomic('get_page_unless_zero(page)', (m) => {
    const refs = m.get(page._refcount)
    if (refs > 0) m.set(page._refcount, refs + 1)
    return refs > 0
  })
  if (!got) return 0
  if (yield* folio_trylock(page)) return migrate_pfn(page.pfn) | MIGRATE_PFN_MIGRATE
  yield* folio_put(page)
  return 0
}

function* evict_copy(mpfn: number): Steps<number> {
  const spage = migrate_pfn_to_page(mpfn)
  if (!spage || !(mpfn & MIGRATE_PFN_MIGRATE)) return 0
  const rpage = yield* BACKING_PAGE(spage)
  const dpage = yield* alloc_page()
  if (!dpage) return 0
  yield* folio_lock(dpage)
  yield* copy_page(dpage, rpage)
  return migrate_pfn(dpage.pfn) | (mpfn & MIGRATE_PFN_WRITE)
}

/** lib/test_hmm.c:dmirror_device_evict_chunk: all of the device's pages go back to RAM, whoever they belong to. */
export function* dmirror_device_evict_chunk(mdevice: DmirrorDevice): Steps {
  const src: number[] = []
  for (const page of mdevice.pagemap.pages) src.push(yield* lock_page_in_use(page))
  const unmapped = yield* migrate_device_unmap(src)
  const dst: number[] = []
  for (const mpfn of unmapped) dst.push(yield* evict_copy(mpfn))
  const moved = yield* migrate_device_pages(unmapped, dst)
  yield* migrate_device_finalize(moved, dst)
}

/** lib/test_hmm.c:dmirror_fops_release. */
export function* dmirror_fops_release(dmirror: Dmirror, mm: Mm): Steps {
  yield* mmu_interval_notifier_remove(dmirror.notifier, mm)
  yield* dmirror_device_evict_chunk(dmirror.mdevice)
  yield* atomic('xa_destroy(pt)', (m) => {
    for (const entry of dmirror.pt) m.set(entry, 0)
  })
}
