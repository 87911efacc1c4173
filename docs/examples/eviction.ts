import {
  type AddressSpace, exclusive_use, exclusive_use_ends, fault_flag_allow_retry_first, FOLL_WRITE, holds, mmap_read_unlock, mutex_lock,
  mutex_trylock, mutex_unlock, type Page, pin_user_pages_fast, race, reach, unmap_mapping_pages, user_write, VM_FAULT_RETRY,
  type VmFault, vmf_insert_pfn,
} from 'mmrace'
import type { Cell, Steps } from 'mmrace/engine'

interface Buffer { readonly lock: Cell; readonly page: Page }

function* fault({ lock, page }: Buffer, { vma, mm, address, flags }: VmFault): Steps<number> {
  if (fault_flag_allow_retry_first(flags) && !(yield* mutex_trylock(lock))) {
    yield* mmap_read_unlock(mm)
    return VM_FAULT_RETRY
  }
  if (!fault_flag_allow_retry_first(flags)) yield* mutex_lock(lock)
  const result = yield* vmf_insert_pfn(vma, address, page.pfn)
  yield* mutex_unlock(lock)
  return result
}

function* evict({ lock, page }: Buffer, file: AddressSpace): Steps {
  yield* mutex_lock(lock)
  yield* unmap_mapping_pages(file, 0, 1, true)
  yield* exclusive_use(page)
  yield* exclusive_use_ends(page)
  yield* mutex_unlock(lock)
  yield* reach('evicted')
}

export default race({
  name: 'eviction',
  title: 'is my driver alone with the page after unmap_mapping_range()?',
  tlb: true,
  setup: (k) => {
    const buffer = { lock: k.cell('buffer.lock'), page: k.driverPage() }
    const file = k.device({ fault: (vmf) => fault(buffer, vmf) })
    const mm = k.mm()
    k.mapDevice(mm, file, { pages: 1 })
    return { mm, buffer, file }
  },
  cpus: {
    driver: ({ buffer, file }) => evict(buffer, file),
    user: ({ mm }) => user_write(mm, 0, 1),
    gup: ({ mm }) => pin_user_pages_fast(mm, 0, 1, FOLL_WRITE),
  },
  sometimes: ['evicted'],
  variants: { fixed: { expect: holds } },
})
