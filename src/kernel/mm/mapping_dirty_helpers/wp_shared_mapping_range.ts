import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { pte_write, pte_wrprotect } from '../../include/pgtable.js'
import { has } from '../../kernel.js'
import { promise, promise_starts } from '../../observer.js'
import { mmu_notifier_invalidate_range, mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import type { MmWalk, MmWalkOps } from '../pagewalk/mm_walk.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_get_and_clear } from '../pgtable_generic.js'
import { walk_mapping } from './walk_mapping.js'
import { touched, wp_clean_pmd_entry, wp_clean_post_vma, wp_clean_pre_vma, wp_clean_test_walk, wp_walk } from './wp_clean.js'

/** mm/mapping_dirty_helpers.c:wp_pte */
export function* wp_pte(ptep: Cell, address: number, { mm }: MmWalk): Steps {
  if (!pte_write(yield* ptep_get(ptep))) return
  if (has('notify-in-callback')) yield* mmu_notifier_invalidate_range_start(mm, address, address + 1, 'protection-page')
  const old = yield* ptep_get_and_clear(mm, address, ptep)
  if (has('invalidate-in-callback')) yield* mmu_notifier_invalidate_range(mm, address, address + 1)
  yield* set_pte_at(ptep, pte_wrprotect(old))
  if (has('notify-in-callback')) yield* mmu_notifier_invalidate_range_end(mm, address, address + 1)
  yield* touched(yield* wp_walk(), address)
}

function* pre_vma(start: number, end: number, walk: MmWalk): Steps {
  yield* promise_starts(walk.mm, start, end)
  yield* wp_clean_pre_vma(start, end, walk)
}

function* post_vma(start: number, end: number, walk: MmWalk): Steps {
  yield* wp_clean_post_vma(start, end, walk)
  yield* promise(walk.mm, start, end, 'no write', 'wp_shared_mapping_range()')
}

/** mm/mapping_dirty_helpers.c:wp_walk_ops */
export const wp_walk_ops: MmWalkOps = {
  pte_entry: wp_pte, pmd_entry: wp_clean_pmd_entry, test_walk: wp_clean_test_walk, pre_vma, post_vma,
}

/** mm/mapping_dirty_helpers.c:wp_shared_mapping_range. The number of entries that could be written through. */
export function* wp_shared_mapping_range(mapping: AddressSpace, first_index: number, nr: number): Steps<number> {
  const { total } = yield* wp_walk()
  yield* store(total, 0, { label: 'wpwalk.total = 0' })
  yield* walk_mapping(mapping, first_index, nr, wp_walk_ops, undefined)
  return yield* load(total, { label: 'wpwalk.total' })
}
