import { load, type Steps, store } from '../../../engine/model/step.js'
import { kernel } from '../../kernel.js'
import { put_page } from '../../mm/swap/folio_put.js'
import type { SecondaryMmu } from './secondary_mmu.js'

/**
 * arch/x86/kvm/mmu/mmu.c:make_mmu_pages_available and kvm_mmu_zap_oldest_mmu_pages, when there are too many pages of
 * shadow page tables, which nested guests need: the oldest is taken out of the list and freed. Under mmu_lock for writing.
 */
export function* make_mmu_pages_available(mmu: SecondaryMmu): Steps {
  const sp = yield* load(mmu.active_mmu_pages, { label: 'sp = list_last(active_mmu_pages)' })
  if (!sp) return
  yield* store(mmu.active_mmu_pages, 0, { label: 'list_move(sp, invalid_list)' })
  yield* put_page(kernel().page(sp - 1))
}
