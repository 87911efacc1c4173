import { atomic, store, type Step } from '../../../engine/model/step.js'
import type { Page } from '../../include/page.js'
import { _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_RW, _PAGE_USER, pfn_pte } from '../../include/pgtable.js'
import type { SecondaryMmu } from './secondary_mmu.js'

/** Makes the page reachable for the device at this address, for writing too if asked. Under the driver's lock. */
export const set_spte = (mmu: SecondaryMmu, address: number, page: Page, write: boolean): Step<void> =>
  store(mmu.sptes[address]!, pfn_pte(page.pfn, _PAGE_PRESENT | _PAGE_USER | (write ? _PAGE_RW | _PAGE_DIRTY : 0)), { label: 'set_spte(sptep, pfn)' })

/** Takes the shadow entries from `start` up to `end` away, and flushes the device's TLB. Under the driver's lock. */
export const zap_sptes = (mmu: SecondaryMmu, start: number, end: number): Step<void> =>
  atomic('zap sptes; flush TLB', (m) => {
    for (const spte of mmu.sptes.slice(start, end)) m.set(spte, 0)
  })
