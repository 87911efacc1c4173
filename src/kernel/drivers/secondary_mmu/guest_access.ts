import type { Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { device_read, device_write } from './device_access.js'
import type { SecondaryMmu } from './secondary_mmu.js'

/** A load by the device or guest, with faults that its driver handles until it succeeds. Undefined: there is no memory. */
export function* guest_read(mmu: SecondaryMmu, mm: Mm, address: number): Steps<number | undefined> {
  for (;;) {
    const value = yield* device_read(mmu, address)
    if (value !== undefined) return value
    if (!(yield* mmu.fault(mm, address, false))) return undefined
  }
}

/** A store by the device or guest. False: there is no memory that it may write. */
export function* guest_write(mmu: SecondaryMmu, mm: Mm, address: number, value: number): Steps<boolean> {
  while (!(yield* device_write(mmu, address, value))) {
    if (!(yield* mmu.fault(mm, address, true))) return false
  }
  return true
}
