import { atomic, fetchAdd, load, setBits, type Step, type Steps } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { folio_test_large } from '../../include/compound.js'
import type { Folio } from '../../include/page.js'
import { VM_LOCKED, VM_SEQ_READ } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import type { FolioReferencedArg } from '../../percpu.js'
import { mlock_vma_page } from '../mlock/mlock_folio.js'
import { pmdp_clear_flush_young, ptep_clear_flush_young } from '../pgtable_generic.js'
import { folio_mapcount } from './mapcount.js'
import { folio_vma_walk, type Mapped, page_vma_mapped_walk, page_vma_mapped_walk_done, type Pvmw } from './page_vma_mapped_walk.js'
import { rmap_walk } from './rmap_walk.js'

/** Takes the young bit of one mapping. Whether that is a use; reading on and on in a row is none. */
function* was_used(pvmw: Pvmw, at: Mapped, vm_flags: number): Steps<boolean> {
  if (!at.ptep) return yield* pmdp_clear_flush_young(pvmw.mm, at.address, at.pmdp)
  return (yield* ptep_clear_flush_young(pvmw.mm, at.address, at.ptep)) && !(vm_flags & VM_SEQ_READ)
}

/** mm/rmap.c:folio_referenced_one. Without what devices see (mmu_notifier_clear_flush_young): none here keeps young bits. */
export function* folio_referenced_one(folio: Folio, vma: Vma, address: number, pra: FolioReferencedArg): Steps<boolean> {
  const pvmw = yield* folio_vma_walk(folio, vma, address, 0)
  let used = false
  for (let at = yield* page_vma_mapped_walk(pvmw); at; at = yield* page_vma_mapped_walk(pvmw, at)) {
    const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags & VM_LOCKED' })
    if (vm_flags & VM_LOCKED && (!at.ptep || !(yield* folio_test_large(folio)))) {
      yield* mlock_vma_page(folio, vma, !at.ptep)
      yield* page_vma_mapped_walk_done(pvmw, at)
      yield* setBits(pra.vm_flags, VM_LOCKED, { label: 'pra->vm_flags |= VM_LOCKED' })
      return false
    }
    if (yield* was_used(pvmw, at, vm_flags)) used = true
    yield* fetchAdd(pra.mapcount, -1, { label: 'pra->mapcount--' })
  }
  if (used) {
    yield* fetchAdd(pra.referenced, 1, { label: 'pra->referenced++' })
    yield* setBits(pra.vm_flags, (yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & ~VM_LOCKED, { label: 'pra->vm_flags |= vm_flags' })
  }
  return (yield* load(pra.mapcount, { label: 'pra->mapcount' })) !== 0
}

/** Through how many VMAs the folio was used since it was asked last, and their flags. -1: the rmap lock was not free. */
export interface Referenced {
  readonly ptes: number
  readonly vm_flags: number
}

const result = ({ mapcount, referenced, vm_flags }: FolioReferencedArg): Step<Referenced> =>
  atomic('folio_referenced()', (m) => {
    const found = { ptes: m.get(referenced), vm_flags: m.get(vm_flags) }
    for (const cell of [mapcount, referenced, vm_flags]) m.set(cell, 0)
    return found
  })

/** mm/rmap.c:folio_referenced, of a locked folio. */
export function* folio_referenced(folio: Folio): Steps<Referenced> {
  const { pra } = kernel().perCpu[(yield* this_cpu()).index]!
  const mapcount = yield* folio_mapcount(folio)
  if (mapcount === 0 || !(yield* load(folio.mapping, { label: 'folio_raw_mapping(folio)' }))) return { ptes: 0, vm_flags: 0 }
  yield* fetchAdd(pra.mapcount, mapcount, { label: 'pra.mapcount = folio_mapcount(folio)' })
  const walked = yield* rmap_walk(folio, { rmap_one: folio_referenced_one, arg: pra, only_mapped: true, try_lock: true })
  const found = yield* result(pra)
  return walked ? found : { ...found, ptes: -1 }
}
