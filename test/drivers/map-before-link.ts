// A driver maps in mmap(), when unmap_mapping_range() does not find the VMA yet; it needs its own lock until it can be found.
import {
  type AddressSpace, exclusive_use, exclusive_use_ends, holds, mmap_device, mutex_lock, mutex_unlock, type Page, race, reach,
  remap_pfn_range, type Setup, unmap_mapping_pages, user_write, violates, type Vma, VM_FAULT_SIGBUS, type VmFault, vmf_insert_pfn,
} from 'mmrace'
import { type Cell, load, type Steps, store } from 'mmrace/engine'

interface Device { readonly lock: Cell; readonly enabled: Cell; readonly bar: Page }

function* mmap({ bar, enabled }: Device, vma: Vma): Steps<number> {
  return (yield* load(enabled)) ? yield* remap_pfn_range(vma, 0, bar.pfn, 1) : -6
}

function* fault({ lock, enabled, bar }: Device, { vma, address }: VmFault): Steps<number> {
  yield* mutex_lock(lock)
  const result = (yield* load(enabled)) ? yield* vmf_insert_pfn(vma, address, bar.pfn) : VM_FAULT_SIGBUS
  yield* mutex_unlock(lock)
  return result
}

function* reset({ lock, enabled, bar }: Device, file: AddressSpace): Steps {
  yield* mutex_lock(lock)
  yield* store(enabled, 0)
  yield* unmap_mapping_pages(file, 0, 1, true)
  yield* exclusive_use(bar)
  yield* exclusive_use_ends(bar)
  yield* mutex_unlock(lock)
  yield* reach('reset')
}

export default race({
  name: 'map-before-link',
  title: 'a BAR is mapped in mmap() while the device is reset',
  tlb: true,
  setup: (k: Setup, { faults }: { faults?: boolean }) => {
    const device = { lock: k.cell('memory_lock'), enabled: k.cell('enabled', 1), bar: k.driverPage() }
    const file = k.device({ fault: (vmf) => fault(device, vmf) }, faults ? undefined : (vma) => mmap(device, vma))
    return { mm: k.mm('user'), device, file }
  },
  cpus: {
    user: function* ({ mm, file }) {
      if ((yield* mmap_device(mm, file)) === 0 && (yield* user_write(mm, 0, 1))) yield* reach('used')
    },
    reset: ({ device, file }) => reset(device, file),
  },
  sometimes: ['reset', 'used'],
  variants: { fixed: { with: { faults: true }, expect: holds }, bug: { with: { faults: false }, expect: violates('O2', 'all') } },
})
