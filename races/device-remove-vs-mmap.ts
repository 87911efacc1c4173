import {
  exclusive_use, exclusive_use_ends, holds, load, mmap_device, mutex_lock, mutex_unlock, race, reach, remap_pfn_range, type Setup, type Steps,
  unmap_mapping_pages, user_write, violates, VM_FAULT_SIGBUS, vmf_insert_pfn, type VmFault, type Page, type Vma,
} from 'mmrace'
import { type Cell, store } from 'mmrace/engine'

interface Device {
  readonly lock: Cell
  readonly dead: Cell
  readonly page: Page
}

interface Driver {
  /** Memory is mapped by mmap() itself, not when it is accessed. */
  readonly maps?: boolean
  /** The handler drops the lock of the device before it maps. */
  readonly early?: boolean
}

/** mmap() of a driver that maps all there and then: under the lock, and the device is alive. Nobody finds the VMA yet. */
function* mmap({ lock, dead, page }: Device, vma: Vma): Steps<number> {
  yield* mutex_lock(lock)
  const error = (yield* load(dead)) ? -19 : yield* remap_pfn_range(vma, yield* load(vma.vm_start), page.pfn, 1)
  yield* mutex_unlock(lock)
  return error
}

function* fault({ lock, dead, page }: Device, { vma, address }: VmFault, early: boolean | undefined): Steps<number> {
  yield* mutex_lock(lock)
  const gone = yield* load(dead)
  if (early) yield* mutex_unlock(lock)
  const result = gone ? VM_FAULT_SIGBUS : yield* vmf_insert_pfn(vma, address, page.pfn)
  if (!early) yield* mutex_unlock(lock)
  return result
}

export default race({
  name: 'device-remove-vs-mmap',
  title: 'a device is removed while a program maps its memory: does unmap_mapping_range() find the mapping?',
  seed: 'S0',
  references: ['mm/vma.c:__mmap_new_vma of 7.3: the driver\'s mmap() runs before vma_link()', 'mm/mmap.c:mmap_region of 6.1'],
  tlb: true,
  geometry: { files: 1, filePages: 1, pages: 1, tables: 1 },
  setup: (k: Setup, { maps, early }: Driver) => {
    const mm = k.mm()
    const device: Device = { lock: k.cell('device.lock'), dead: k.cell('device.dead'), page: k.driverPage() }
    return { mm, device, file: k.open(k.device({ fault: (vmf) => fault(device, vmf, early) }, maps ? (vma) => mmap(device, vma) : undefined)) }
  },
  cpus: {
    program: function* ({ mm, file }) {
      if (yield* mmap_device(mm, file)) return yield* reach('refused')
      yield* reach((yield* user_write(mm, 0, 1)) ? 'written' : 'refused')
    },
    remove: function* ({ device, file }) {
      yield* mutex_lock(device.lock)
      yield* store(device.dead, 1)
      yield* unmap_mapping_pages(file, 0, 1, true)
      yield* exclusive_use(device.page)
      yield* exclusive_use_ends(device.page)
      yield* mutex_unlock(device.lock)
      yield* reach('removed')
    },
  },
  sometimes: ['written', 'refused', 'removed'],
  oracles: ['O1', 'O2', 'O12'],
  variants: {
    fixed: { with: { maps: false }, expect: holds, because: 'a fault happens when the mapping can be found, and asks under the lock of the device' },
    bug: { with: { maps: true }, expect: violates('O2', 'all'), because: 'what is mapped before the VMA is linked is passed over, and used' },
    'unlocks-early': { with: { early: true }, expect: violates('O2', 'all'), because: 'the device goes between the look and the entry' },
  },
})
