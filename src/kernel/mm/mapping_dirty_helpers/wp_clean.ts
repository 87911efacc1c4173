import { atomic, fetchAdd, load, type Step, type Steps } from '../../../engine/model/step.js'
import type { Cell } from '../../../engine/model/memory.js'
import { this_cpu } from '../../../machine/cpu.js'
import { flush_tlb_range } from '../../../machine/flush.js'
import { add } from '../../include/cells.js'
import { pmd_none, pmd_trans_huge, pmd_present } from '../../include/pgtable.js'
import { VM_HUGETLB, VM_MAYWRITE, VM_SHARED } from '../../include/vm_flags.js'
import { has, kernel } from '../../kernel.js'
import type { WpWalk } from '../../percpu.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import type { MmWalk, PageWalkAction } from '../pagewalk/mm_walk.js'
import { pmdp_get } from '../pgtable.js'

/** The struct wp_walk of the call that runs on this CPU. */
export function* wp_walk(): Steps<WpWalk> {
  return kernel().perCpu[(yield* this_cpu()).index]!.wp_walk
}

/** An entry has been changed: its translations have to be flushed. */
export const touched = (wpwalk: WpWalk, address: number): Step<void> =>
  atomic('wpwalk: note range', (m) => {
    add(m, wpwalk.total, 1)
    m.set(wpwalk.tlbflush_start, Math.min(m.get(wpwalk.tlbflush_start), address))
    m.set(wpwalk.tlbflush_end, Math.max(m.get(wpwalk.tlbflush_end), address + 1))
  })

/** mm/mapping_dirty_helpers.c:wp_clean_pmd_entry: huge pages are left alone; a PMD that has become none is looked at again. */
export function* wp_clean_pmd_entry(pmdp: Cell): Steps<PageWalkAction> {
  const pmd = yield* pmdp_get(pmdp)
  if (pmd_none(pmd)) return 'ACTION_AGAIN'
  return pmd_trans_huge(pmd) || !pmd_present(pmd) ? 'ACTION_CONTINUE' : 'ACTION_SUBTREE'
}

/** mm/mapping_dirty_helpers.c:wp_clean_test_walk: shared mappings that may be written to. */
export function* wp_clean_test_walk<P>({ vma }: MmWalk<P>): Steps<boolean> {
  const vm_flags = yield* load(vma!.vm_flags, { label: 'vma->vm_flags' })
  return (vm_flags & (VM_SHARED | VM_MAYWRITE | VM_HUGETLB)) === (VM_SHARED | VM_MAYWRITE)
}

/** Two ways to tell notifiers that were asked about in 2019: from the callback, for each entry. */
const notified_by_entry = (): boolean => has('notify-in-callback') || has('invalidate-in-callback')

/** mm/mapping_dirty_helpers.c:wp_clean_pre_vma */
export function* wp_clean_pre_vma<P>(start: number, end: number, { mm }: MmWalk<P>): Steps {
  const wpwalk = yield* wp_walk()
  yield* atomic('wpwalk: empty range', (m) => {
    m.set(wpwalk.tlbflush_start, end)
    m.set(wpwalk.tlbflush_end, start)
  })
  if (!notified_by_entry()) yield* mmu_notifier_invalidate_range_start(mm, start, end, 'protection-page')
  yield* fetchAdd(mm.tlb_flush_pending, 1, { label: 'inc_tlb_flush_pending(mm)' })
}

/** What another CPU has changed it may not have flushed yet: then everything is flushed, also what we have not touched. */
function* flush<P>(start: number, end: number, { mm }: MmWalk<P>): Steps {
  const wpwalk = yield* wp_walk()
  const pending = yield* load(mm.tlb_flush_pending, { label: 'mm_tlb_flush_nested(mm)' })
  if (pending > 1 && !has('mutant-clean-not-nested')) return yield* flush_tlb_range(mm, start, end)
  const from = yield* load(wpwalk.tlbflush_start, { label: 'wpwalk->tlbflush_start' })
  const to = yield* load(wpwalk.tlbflush_end, { label: 'wpwalk->tlbflush_end' })
  if (to > from) yield* flush_tlb_range(mm, from, to)
}

/** mm/mapping_dirty_helpers.c:wp_clean_post_vma */
export function* wp_clean_post_vma<P>(start: number, end: number, walk: MmWalk<P>): Steps {
  if (!has('mutant-clean-without-flush')) yield* flush(start, end, walk)
  if (!notified_by_entry()) yield* mmu_notifier_invalidate_range_end(walk.mm, start, end)
  yield* fetchAdd(walk.mm.tlb_flush_pending, -1, { label: 'dec_tlb_flush_pending(mm)' })
}
