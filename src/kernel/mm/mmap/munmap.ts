import { atomic, load, type Steps } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import { EINVAL, EPERM } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { VM_LOCKED } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { mmap_read_unlock, mmap_write_downgrade, mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { promise, unmap_starts } from '../../observer.js'
import { hugetlb_vm_op_close } from '../hugetlb/hugetlb_vm_op_close.js'
import { is_vm_hugetlb_page } from '../hugetlb/hugetlb_vma_lock.js'
import { free_pgtables } from '../memory/free_pgtables.js'
import { unmap_vmas } from '../memory/unmap_page_range.js'
import { tlb_finish_mmu, tlb_gather_mmu } from '../mmu_gather/mmu_gather.js'
import { can_modify_range } from '../mseal/sys_mseal.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { fput } from './fput.js'
import { split_vma } from './split_vma.js'
import { first_vma_above, last_vma_below, vma_remove, vmas_of_mm } from './vma_list.js'
import { vm_area_free } from '../mmap_lock/vma_area.js'
import { per_vma_lock } from '../mmap_lock/per_vma_lock.js'
import { vma_mark_detached } from '../mmap_lock/vma_mark.js'
import { vma_start_write } from '../mmap_lock/vma_start_write.js'

/** Splits the VMAs that cross a border of [start, end). */
function* split_at_borders(mm: Mm, start: number, end: number): Steps {
  const first = yield* atomic('vma = mas_find(start)', (m) => {
    const vma = first_vma_above(m, mm, start)
    return vma && m.get(vma.vm_start) < start ? vma : undefined
  })
  if (first) yield* split_vma(mm, first, start, false)
  const last = yield* atomic('vma = mas_find(end)', (m) => {
    const vma = first_vma_above(m, mm, end)
    return vma && m.get(vma.vm_start) < end ? vma : undefined
  })
  if (last) yield* split_vma(mm, last, end, true)
}

/** Takes the VMAs of [start, end) out of the mm, so that nobody finds them by address any more. */
interface Detached {
  readonly vmas: readonly Vma[]
  /** Where the neighbours end and start: page tables that they use must stay. */
  readonly floor: number
  readonly ceiling: number
}

/** Since VMAs have locks: no fault is under way in any of those that go, and whoever has found one sees that it is none any more. */
function* exclude_faults(mm: Mm, start: number, end: number): Steps {
  if (!per_vma_lock()) return
  const vmas = yield* atomic('vms_gather_munmap_vmas()', (m) => vmas_of_mm(m, mm).filter((vma) => m.get(vma.vm_start) < end && m.get(vma.vm_end) > start))
  for (const vma of vmas) {
    if (!has('mutant-munmap-without-vma-lock')) yield* vma_start_write(vma)
    yield* vma_mark_detached(vma)
  }
}

const detach = (mm: Mm, start: number, end: number) =>
  atomic<Detached>('detach VMAs', (m) => {
    const vmas = vmas_of_mm(m, mm).filter((vma) => m.get(vma.vm_start) < end && m.get(vma.vm_end) > start)
    for (const vma of vmas) {
      if (m.get(vma.vm_flags) & VM_LOCKED) add(m, mm.locked_vm, m.get(vma.vm_start) - m.get(vma.vm_end))
      vma_remove(m, mm, vma)
      add(m, mm.map_count, -1)
    }
    const prev = last_vma_below(m, mm, start)
    const next = first_vma_above(m, mm, end)
    return { vmas, floor: prev ? m.get(prev.vm_end) : 0, ceiling: next ? m.get(next.vm_start) : kernel().taskSize }
  })

/** vma->vm_ops->close */
function* vma_close(vma: Vma, file: number, hugetlb: boolean): Steps {
  if (hugetlb) return yield* hugetlb_vm_op_close(vma)
  const vm_ops = kernel().files.at(file)?.vm_ops
  if (vm_ops?.close) yield* vm_ops.close(vma)
}

/** mm/mmap.c:remove_mt: frees VMAs that are unmapped. */
export function* remove_vmas(vmas: readonly Vma[]): Steps {
  for (const vma of vmas) {
    const file = yield* load(vma.vm_file, { label: 'vma->vm_file' })
    const hugetlb = yield* is_vm_hugetlb_page(vma)
    yield* vma_close(vma, file, hugetlb)
    yield* fput(file, hugetlb)
    yield* atomic('vm_area_free(vma)', (m) => vm_area_free(m, vma))
  }
}

/** mm/mmap.c:do_mas_align_munmap. `downgrade`: the mmap_lock becomes a read lock once nobody can find the VMAs. */
export function* do_munmap(mm: Mm, start: number, len: number, downgrade = false): Steps<boolean> {
  const end = start + len
  yield* split_at_borders(mm, start, end)
  yield* exclude_faults(mm, start, end)
  const { vmas, floor, ceiling } = yield* detach(mm, start, end)
  if (vmas.length === 0) return false
  if (downgrade) yield* mmap_write_downgrade(mm)
  if (!has('unmap-without-drain')) yield* lru_add_drain()
  yield* unmap_starts(mm, start, end)
  const tlb = yield* tlb_gather_mmu(mm)
  yield* unmap_vmas(mm, tlb, vmas, start, end)
  yield* free_pgtables(mm, tlb, vmas, floor, ceiling)
  yield* tlb_finish_mmu(mm, tlb)
  yield* promise(mm, start, end, 'no access', 'munmap()')
  yield* remove_vmas(vmas)
  return downgrade
}

/** munmap(), `len` pages. 0 or a negative error number. */
export function* sys_munmap(mm: Mm, start: number, len: number): Steps<number> {
  yield* mmap_write_lock(mm)
  const error = len <= 0 ? -EINVAL : (yield* can_modify_range(mm, start, start + len)) ? 0 : -EPERM
  if (error) {
    yield* mmap_write_unlock(mm)
    return error
  }
  if (yield* do_munmap(mm, start, len, true)) yield* mmap_read_unlock(mm)
  else yield* mmap_write_unlock(mm)
  return 0
}
