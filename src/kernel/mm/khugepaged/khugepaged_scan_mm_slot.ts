import { atomic, fetchAdd, load, type Step, type Steps } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { mmap_read_trylock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { slab_free } from '../../slab.js'
import { pmd_align } from '../addr_end.js'
import { hugepage_vma_check } from '../huge_memory/hugepage_vma_check.js'
import { linear_page_index } from '../linear_page_index.js'
import { fput } from '../mmap/fput.js'
import { vmas_of_mm } from '../mmap/vma_list.js'
import { khugepaged_collapse_control } from './collapse_control.js'
import { hpage_collapse_scan_file } from './hpage_collapse_scan_file.js'
import { hpage_collapse_scan_pmd } from './hpage_collapse_scan_pmd.js'
import { hpage_collapse_test_exit } from './hugepage_vma_revalidate.js'

/** The mm is the next on khugepaged's list; it stands there with a count. False: it has left it. One step, under khugepaged_mm_lock. */
const take_slot = (mm: Mm): Step<boolean> =>
  atomic('khugepaged_scan.mm_slot = mm_slot', (m) => {
    if (m.get(mm.mm_users) === 0) return false
    add(m, mm.mm_count, 1)
    m.set(kernel().khugepaged_scan, mm.ref)
    return true
  })

/** The next mm, and collect_mm_slot(). */
const leave_slot = (mm: Mm): Step<void> =>
  atomic('khugepaged_scan.mm_slot = next', (m) => {
    m.set(kernel().khugepaged_scan, 0)
    if (add(m, mm.mm_count, -1) === 0) slab_free(m, kernel().mms, mm)
  })

function* scan_file(mm: Mm, vma: Vma, file: number, address: number): Steps {
  const mapping = kernel().files.deref(file)
  yield* fetchAdd(mapping.f_count, 1, { label: 'get_file(vma->vm_file)' })
  const pgoff = yield* linear_page_index(vma, address)
  yield* mmap_read_unlock(mm)
  yield* hpage_collapse_scan_file(mm, address, mapping, pgoff)
  yield* fput(file)
}

/** Up to the first huge page for which the mmap_lock had to be dropped. Whether it is still held. */
function* scan_vma(mm: Mm, vma: Vma): Steps<boolean> {
  const size = kernel().geometry.ptrsPerPte
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  if (!(yield* hugepage_vma_check(vma, vm_flags, { smaps: false, in_pf: false, enforce_sysfs: true }))) return true
  const hstart = pmd_align((yield* load(vma.vm_start, { label: 'vma->vm_start' })) + size - 1)
  const hend = pmd_align(yield* load(vma.vm_end, { label: 'vma->vm_end' }))
  const file = yield* load(vma.vm_file, { label: 'vma_is_anonymous(vma)' })
  for (let address = hstart; address < hend; address += size) {
    if (yield* hpage_collapse_test_exit(mm)) return true
    if (file) {
      yield* scan_file(mm, vma, file, address)
      return false
    }
    const { locked } = yield* hpage_collapse_scan_pmd(mm, vma, address, khugepaged_collapse_control)
    if (!locked) return false
  }
  return true
}

function* scan_mm(mm: Mm): Steps {
  let locked = true
  for (const vma of yield* atomic('for_each_vma(vmi, vma)', (m) => vmas_of_mm(m, mm))) {
    if (yield* hpage_collapse_test_exit(mm)) break
    locked = yield* scan_vma(mm, vma)
    if (!locked) break
  }
  if (locked) yield* mmap_read_unlock(mm)
}

/**
 * mm/khugepaged.c:khugepaged_scan_mm_slot: what the daemon does with one address space until it has dropped the mmap_lock,
 * from the beginning. It is no user of it, but asks every time it has the lock whether there is one.
 */
export function* khugepaged_scan_mm_slot(mm: Mm): Steps {
  if (!(yield* take_slot(mm))) return
  if (yield* mmap_read_trylock(mm)) {
    if (yield* hpage_collapse_test_exit(mm)) yield* mmap_read_unlock(mm)
    else yield* scan_mm(mm)
  }
  yield* leave_slot(mm)
}
