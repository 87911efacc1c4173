import { fetchAdd, load, type Steps } from '../../../engine/model/step.js'
import { EAGAIN, EBUSY, EINVAL, ENOMEM } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock, mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { pmd_align } from '../addr_end.js'
import { hugepage_vma_check } from '../huge_memory/hugepage_vma_check.js'
import { linear_page_index } from '../linear_page_index.js'
import { fput } from '../mmap/fput.js'
import { lru_add_drain_all } from '../swap/lru_add_drain.js'
import { madvise_collapse_control } from './collapse_control.js'
import { collapse_pte_mapped_thp } from './collapse_pte_mapped_thp.js'
import { hpage_collapse_scan_file } from './hpage_collapse_scan_file.js'
import { hpage_collapse_scan_pmd } from './hpage_collapse_scan_pmd.js'
import { hugepage_vma_revalidate } from './hugepage_vma_revalidate.js'
import type { ScanResult } from './scan_result.js'

/** A failure that does not keep the other huge pages of the range from being tried. */
const GO_ON: ReadonlySet<ScanResult> = new Set([
  'SCAN_PMD_NULL', 'SCAN_PTE_NON_PRESENT', 'SCAN_PTE_UFFD_WP', 'SCAN_PAGE_RO', 'SCAN_LACK_REFERENCED_PAGE', 'SCAN_PAGE_NULL',
  'SCAN_PAGE_COUNT', 'SCAN_PAGE_LOCK', 'SCAN_PAGE_COMPOUND', 'SCAN_PAGE_LRU', 'SCAN_DEL_PAGE_LRU',
])

/** mm/khugepaged.c:madvise_collapse_errno */
export const madvise_collapse_errno = (result: ScanResult): number => {
  switch (result) {
    case 'SCAN_ALLOC_HUGE_PAGE_FAIL': return -ENOMEM
    case 'SCAN_CGROUP_CHARGE_FAIL': return -EBUSY
    case 'SCAN_PAGE_COUNT':
    case 'SCAN_PAGE_LOCK':
    case 'SCAN_PAGE_LRU':
    case 'SCAN_DEL_PAGE_LRU': return -EAGAIN
    default: return -EINVAL
  }
}

/** One huge page, and whether the mmap_lock is still held. */
interface Tried {
  readonly result: ScanResult
  readonly locked: boolean
}

function* collapse_in_file(mm: Mm, vma: Vma, file: number, address: number): Steps<Tried> {
  const mapping = kernel().files.deref(file)
  yield* fetchAdd(mapping.f_count, 1, { label: 'get_file(vma->vm_file)' })
  const pgoff = yield* linear_page_index(vma, address)
  yield* mmap_read_unlock(mm)
  const result = yield* hpage_collapse_scan_file(mm, address, mapping, pgoff)
  yield* fput(file)
  if (result !== 'SCAN_PTE_MAPPED_HUGEPAGE') return { result, locked: false }
  const shared = has('1043173eb5eb')
  yield* shared ? mmap_read_lock(mm) : mmap_write_lock(mm)
  const mapped = yield* collapse_pte_mapped_thp(mm, address)
  yield* shared ? mmap_read_unlock(mm) : mmap_write_unlock(mm)
  return { result: mapped, locked: false }
}

function* collapse_at(mm: Mm, vma: Vma, address: number): Steps<Tried> {
  const file = yield* load(vma.vm_file, { label: 'vma_is_anonymous(vma)' })
  if (file) return yield* collapse_in_file(mm, vma, file, address)
  return yield* hpage_collapse_scan_pmd(mm, vma, address, madvise_collapse_control)
}

/** mm/khugepaged.c:madvise_collapse. The mmap_lock is held for reading, but may be dropped meanwhile. 0, or an error number. */
export function* madvise_collapse(mm: Mm, first: Vma, start: number, end: number): Steps<number> {
  const size = kernel().geometry.ptrsPerPte
  const vm_flags = yield* load(first.vm_flags, { label: 'vma->vm_flags' })
  if (!(yield* hugepage_vma_check(first, vm_flags, { smaps: false, in_pf: false, enforce_sysfs: false }))) return -EINVAL
  const hstart = pmd_align(start + size - 1)
  let hend = pmd_align(end)
  if (hstart >= hend && has('collapse-of-nothing')) return 0
  yield* lru_add_drain_all()
  let vma = first
  let locked = true
  let thps = 0
  let last_fail: ScanResult = 'SCAN_FAIL'
  for (let address = hstart; address < hend; address += size) {
    if (!locked) {
      yield* mmap_read_lock(mm)
      locked = true
      const again = yield* hugepage_vma_revalidate(mm, address, false, madvise_collapse_control)
      if (!again.vma) {
        last_fail = again.result
        break
      }
      vma = again.vma
      hend = Math.min(hend, pmd_align(yield* load(vma.vm_end, { label: 'vma->vm_end' })))
    }
    const tried: Tried = yield* collapse_at(mm, vma, address)
    locked = tried.locked
    if (tried.result === 'SCAN_SUCCEED' || tried.result === 'SCAN_PMD_MAPPED') thps++
    else {
      last_fail = tried.result
      if (!GO_ON.has(tried.result)) break
    }
  }
  if (!locked) yield* mmap_read_lock(mm)
  return thps === (hend - hstart) / size ? 0 : madvise_collapse_errno(last_fail)
}
