import type { Access } from '../../../engine/model/memory.js'
import { atomic, load, type Steps } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import { GFP_KERNEL } from '../../include/gfp.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { down_write, up_write } from '../../locking/rwsem.js'
import { vma_adjust_trans_huge } from '../huge_memory/vma_adjust_trans_huge.js'
import { hugetlb_split } from '../hugetlb/huge_pmd_unshare.js'
import { is_vm_hugetlb_page } from '../hugetlb/hugetlb_vma_lock.js'
import { might_alloc } from '../might_alloc.js'
import { anon_vma_clone, unlink_anon_vmas } from '../rmap/anon_vma.js'
import { anon_vma_interval_tree_post_update_vma, anon_vma_interval_tree_pre_update_vma } from '../rmap/anon_vma_chain.js'
import { fput_mapping, i_mmap_insert, i_mmap_remove } from './i_mmap.js'
import { first_vma_above, vma_insert, vma_remove } from './vma_list.js'
import { vm_area_free } from '../mmap_lock/vma_area.js'
import { per_vma_lock } from '../mmap_lock/per_vma_lock.js'
import { vma_mark_detached } from '../mmap_lock/vma_mark.js'
import { vma_start_write } from '../mmap_lock/vma_start_write.js'

/** What __vma_adjust() is to do with the neighbours. */
interface Plan {
  /** The VMA that grows or shrinks to [start, end). */
  readonly vma: Vma
  readonly next: Vma | undefined
  readonly next_next: Vma | undefined
  /** Pages by which the boundary to `next` moves up. */
  readonly adjust_next: number
  /** VMAs to remove: none, next, next and next_next, or (3) the original VMA in favour of next. */
  readonly remove_next: 0 | 1 | 2 | 3
}

const shifts = (m: Access, vma: Vma, next: Vma, end: number): number => {
  if (end > m.get(next.vm_start)) return end - m.get(next.vm_start)
  return end < m.get(vma.vm_end) ? end - m.get(vma.vm_end) : 0
}

const make_plan = (m: Access, mm: Mm, vma: Vma, end: number, expand: Vma | undefined, insert: Vma | undefined): Plan => {
  const next = first_vma_above(m, mm, m.get(vma.vm_end))
  const keep: Plan = { vma, next, next_next: undefined, adjust_next: 0, remove_next: 0 }
  if (!next || insert) return keep
  if (end < m.get(next.vm_end)) return { ...keep, adjust_next: shifts(m, vma, next, end) }
  if (next === expand) return { ...keep, vma: next, next: vma, remove_next: 3 }
  const two = end > m.get(next.vm_end)
  return { ...keep, next_next: two ? first_vma_above(m, mm, m.get(next.vm_end)) : undefined, remove_next: two ? 2 : 1 }
}

/** A VMA that takes over pages needs the anon_vma of the one that had them. */
const import_anon_vma = (m: Access, plan: Plan): void => {
  const { vma, next, next_next, adjust_next, remove_next } = plan
  if (!next || (!remove_next && !adjust_next)) return
  const shrinks = adjust_next < 0
  const exporter = remove_next === 2 && !m.get(next.anon_vma) ? next_next! : shrinks ? vma : next
  const importer = shrinks ? next : vma
  if (!m.get(exporter.anon_vma) || m.get(importer.anon_vma)) return
  m.set(importer.anon_vma, m.get(exporter.anon_vma))
  anon_vma_clone(m, importer, exporter)
}

/** The change itself, under the rmap locks. */
const apply_plan = (m: Access, mm: Mm, plan: Plan, start: number, end: number, pgoff: number, insert: Vma | undefined): void => {
  const { vma, next, next_next, adjust_next, remove_next } = plan
  const changed = adjust_next ? [next!, vma] : [vma]
  if (insert) i_mmap_insert(m, insert)
  for (const part of changed) {
    anon_vma_interval_tree_pre_update_vma(m, part)
    i_mmap_remove(m, part)
  }
  m.set(vma.vm_start, start)
  m.set(vma.vm_end, end)
  m.set(vma.vm_pgoff, pgoff)
  if (adjust_next) {
    add(m, next!.vm_start, adjust_next)
    add(m, next!.vm_pgoff, adjust_next)
  }
  for (const part of changed) i_mmap_insert(m, part)
  for (const part of changed.toReversed()) anon_vma_interval_tree_post_update_vma(m, part)
  if (insert) {
    vma_insert(m, mm, insert)
    add(m, mm.map_count, 1)
  }
  if (!remove_next) return
  for (const gone of remove_next === 2 ? [next!, next_next!] : [next!]) {
    i_mmap_remove(m, gone)
    vma_remove(m, mm, gone)
  }
}

/** The removed VMAs hand their anon_vmas over and are freed. */
const remove_merged = (m: Access, mm: Mm, { next, next_next, remove_next }: Plan): void => {
  for (const gone of remove_next === 2 ? [next!, next_next!] : [next!]) {
    unlink_anon_vmas(m, gone)
    fput_mapping(m, m.get(gone.vm_file))
    add(m, mm.map_count, -1)
    vm_area_free(m, gone)
  }
}

/** Faults may be under way in any of them, and set vma->anon_vma. */
function* lock_vmas(plan: Plan): Steps {
  yield* vma_start_write(plan.vma)
  if (plan.remove_next || plan.adjust_next) yield* vma_start_write(plan.next!)
  if (plan.remove_next === 2) yield* vma_start_write(plan.next_next!)
  if (plan.remove_next || plan.adjust_next) yield* atomic('dup_anon_vma()', (m) => import_anon_vma(m, plan))
}

function* split_hugetlb(mm: Mm, vma: Vma, start: number, end: number): Steps {
  yield* hugetlb_split(mm, vma, start)
  yield* hugetlb_split(mm, vma, end)
}

/**
 * mm/mmap.c:__vma_adjust. Gives `vma` the range [start, end) and file offset, moving or removing the VMAs behind it.
 * `insert` is the other half of a split; `expand` the VMA that grows in a merge.
 */
export function* __vma_adjust(
  mm: Mm, vma: Vma, start: number, end: number, pgoff: number, insert: Vma | undefined, expand: Vma | undefined,
): Steps {
  yield* might_alloc(GFP_KERNEL)
  const plan = yield* atomic('__vma_adjust(): plan', (m) => {
    const plan = make_plan(m, mm, vma, end, expand, insert)
    if (!per_vma_lock()) import_anon_vma(m, plan)
    return plan
  })
  if (per_vma_lock()) yield* lock_vmas(plan)
  yield* vma_adjust_trans_huge(vma, start, end, plan.adjust_next)
  const hugetlb = yield* is_vm_hugetlb_page(vma)
  if (hugetlb && !has('081056dc00a2')) yield* split_hugetlb(mm, vma, start, end)
  const file = kernel().files.at(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  if (file) yield* down_write(file.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  const anon_vma = (yield* load(plan.vma.anon_vma, { label: 'vma->anon_vma' })) ||
    (plan.adjust_next ? yield* load(plan.next!.anon_vma, { label: 'next->anon_vma' }) : 0)
  const { anonVmas } = kernel()
  const root = anon_vma ? anonVmas.deref(yield* load(anonVmas.deref(anon_vma).root, { label: 'anon_vma->root' })) : undefined
  if (root) yield* down_write(root.rwsem, 'anon_vma_lock_write(anon_vma)')
  if (hugetlb && has('081056dc00a2')) yield* split_hugetlb(mm, vma, start, end)
  yield* atomic('vma->vm_start, vm_end = …', (m) => apply_plan(m, mm, plan, start, end, pgoff, insert))
  if (root) yield* up_write(root.rwsem, 'anon_vma_unlock_write()')
  if (file) yield* up_write(file.i_mmap_rwsem, 'i_mmap_unlock_write(mapping)')
  if (!plan.remove_next) return
  yield* vma_mark_detached(plan.next!)
  if (plan.remove_next === 2) yield* vma_mark_detached(plan.next_next!)
  yield* atomic('vm_area_free(next)', (m) => remove_merged(m, mm, plan))
}
