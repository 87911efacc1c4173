import { load, type Step, type Steps } from '../../../engine/model/step.js'
import { FOLL_GET, FOLL_WRITE } from '../../include/gup_flags.js'
import type { Mm } from '../../include/mm.js'
import { has } from '../../kernel.js'
import { read_lock, read_unlock } from '../../locking/rwlock.js'
import { internal_get_user_pages_fast } from '../../mm/gup/get_user_pages.js'
import { put_page } from '../../mm/swap/folio_put.js'
import { hva_to_pfn } from './hva_to_pfn.js'
import type { SecondaryMmu } from './secondary_mmu.js'
import { make_mmu_pages_available } from './make_mmu_pages_available.js'
import { set_spte } from './spte.js'

/** include/linux/kvm_host.h:mmu_invalidate_retry_hva. Under mmu_lock. */
export function* mmu_invalidate_retry_hva(mmu: SecondaryMmu, mmu_seq: number, hva: number): Steps<boolean> {
  if (yield* load(mmu.mmu_invalidate_in_progress, { label: 'mmu_invalidate_in_progress' })) {
    const start = yield* load(mmu.mmu_invalidate_range_start, { label: 'mmu_invalidate_range_start' })
    if (hva >= start && hva < (yield* load(mmu.mmu_invalidate_range_end, { label: 'mmu_invalidate_range_end' }))) return true
  }
  return (yield* load(mmu.mmu_invalidate_seq, { label: 'mmu_invalidate_seq' })) !== mmu_seq
}

const read_seq = (mmu: SecondaryMmu): Step => load(mmu.mmu_invalidate_seq, { label: 'mmu_seq = mmu_invalidate_seq' })

/**
 * arch/x86/kvm/mmu/mmu.c:direct_page_fault with the TDP MMU: shadows what the CPU's tables map at an address. True also
 * when it has to be tried again; false: there is nothing to map.
 */
export function* kvm_page_fault(mmu: SecondaryMmu, mm: Mm, hva: number, write: boolean): Steps<boolean> {
  const early = yield* read_seq(mmu)
  const { pages: [normal] } = yield* internal_get_user_pages_fast(mm, hva, 1, write ? FOLL_GET | FOLL_WRITE : FOLL_GET)
  const page = normal ?? (yield* hva_to_pfn(mm, hva, write))
  if (!page) return false
  const mmu_seq = has('mutant-kvm-seq-late') ? yield* read_seq(mmu) : early
  if (has('mutant-kvm-room-unlocked')) yield* make_mmu_pages_available(mmu)
  yield* read_lock(mmu.mmu_lock, 'read_lock(mmu_lock)')
  const stale = !has('kvm-no-retry') && (yield* mmu_invalidate_retry_hva(mmu, mmu_seq, hva))
  if (!stale && !has('47b0c2e4c220')) yield* make_mmu_pages_available(mmu)
  if (!stale) yield* set_spte(mmu, hva, page, write)
  yield* read_unlock(mmu.mmu_lock, 'read_unlock(mmu_lock)')
  yield* put_page(page)
  return true
}
