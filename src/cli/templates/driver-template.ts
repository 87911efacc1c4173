/** A driver of the user's own that maps memory, in two forms. */
export const driverTemplate = (name: string): string => `// A driver of your own. Run it:  mmrace check ${name}.ts   and in its other form:  mmrace check ${name}.ts --bug
import {
  type AddressSpace, exclusive_use, exclusive_use_ends, fault_flag_allow_retry_first, FOLL_WRITE, holds, mmap_read_unlock, mutex_lock,
  mutex_trylock, mutex_unlock, type Page, pin_user_pages_fast, race, reach, unmap_mapping_pages, user_write, violates, VM_FAULT_RETRY,
  type VmFault, vmf_insert_pfn,
} from 'mmrace'
import type { Cell, Steps } from 'mmrace/engine'

// An object whose memory user space maps. What differs between the forms of the driver is a value in \`variants\`.
interface Buffer { readonly lock: Cell; readonly page: Page; readonly locks: boolean }

// The fault handler: it maps the page, unless the object is being evicted.
function* fault({ lock, page, locks }: Buffer, { vma, mm, address, flags }: VmFault): Steps<number> {
  if (!locks) return yield* vmf_insert_pfn(vma, address, page.pfn)
  if (fault_flag_allow_retry_first(flags) && !(yield* mutex_trylock(lock))) {
    yield* mmap_read_unlock(mm)
    return VM_FAULT_RETRY
  }
  if (!fault_flag_allow_retry_first(flags)) yield* mutex_lock(lock)
  const result = yield* vmf_insert_pfn(vma, address, page.pfn)
  yield* mutex_unlock(lock)
  return result
}

// The eviction: nobody but the driver may reach the page between the two calls in the middle.
function* evict({ lock, page }: Buffer, file: AddressSpace): Steps {
  yield* mutex_lock(lock)
  yield* unmap_mapping_pages(file, 0, 1, true)
  yield* exclusive_use(page)
  yield* exclusive_use_ends(page)
  yield* mutex_unlock(lock)
  yield* reach('evicted')
}

export default race({
  name: '${name}',
  title: 'is my driver alone with its page when it evicts it?',
  tlb: true,
  setup: (k, { locks = true }) => {
    const buffer = { lock: k.cell('buffer.lock'), page: k.driverPage(), locks }
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
  variants: {
    fixed: { with: { locks: true }, expect: holds },
    bug: { with: { locks: false }, expect: violates('O2', 'all') },
  },
})
`
