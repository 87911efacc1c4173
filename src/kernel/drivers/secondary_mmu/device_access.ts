import { atomic, type Step } from '../../../engine/model/step.js'
import { pte_pfn, pte_present, pte_write } from '../../include/pgtable.js'
import { kernel } from '../../kernel.js'
import { write_by_device } from '../write_by_device.js'
import type { SecondaryMmu } from './secondary_mmu.js'

/** The device or guest reads through its shadow entries. Undefined: it faults, and the driver has to act. */
export const device_read = (mmu: SecondaryMmu, address: number): Step<number | undefined> =>
  atomic(`device: LD ${address}`, (m) => {
    const spte = m.get(mmu.sptes[address]!)
    if (!pte_present(spte)) return undefined
    const page = kernel().page(pte_pfn(spte))
    for (const observer of kernel().observers) observer.deviceAccesses?.(m, page)
    return m.get(page.content)
  })

/** The device or guest writes `value`. False: it faults, and the driver has to act. */
export const device_write = (mmu: SecondaryMmu, address: number, value: number): Step<boolean> =>
  atomic(`device: ST ${address} = ${value}`, (m) => {
    const spte = m.get(mmu.sptes[address]!)
    if (!pte_present(spte) || !pte_write(spte)) return false
    const page = kernel().page(pte_pfn(spte))
    for (const observer of kernel().observers) observer.deviceAccesses?.(m, page)
    write_by_device(m, page.content, value)
    return true
  })
