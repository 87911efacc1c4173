import type { Cell } from '../../../engine/model/memory.js'
import { atomic, load, setBits, type Step, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { pte_dirty, pte_mkclean } from '../../include/pgtable.js'
import { linear_page_index } from '../linear_page_index.js'
import type { MmWalk, MmWalkOps } from '../pagewalk/mm_walk.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_get_and_clear } from '../pgtable_generic.js'
import { walk_mapping } from './walk_mapping.js'
import { touched, wp_clean_pmd_entry, wp_clean_post_vma, wp_clean_pre_vma, wp_clean_test_walk, wp_walk } from './wp_clean.js'

/** Where the dirty pages of a file are recorded: one bit for each, from `bitmap_pgoff` on. */
export interface DirtyRecord {
  readonly bitmap: Cell
  readonly bitmap_pgoff: number
  /** The first page that is dirty, and the one behind the last: only ever made larger. */
  readonly range?: { readonly start: Cell; readonly end: Cell }
}

const widen = ({ start, end }: NonNullable<DirtyRecord['range']>, pgoff: number): Step<void> =>
  atomic('cwalk: widen range', (m) => {
    m.set(start, Math.min(m.get(start), pgoff))
    m.set(end, Math.max(m.get(end), pgoff + 1))
  })

function* record(address: number, { vma, private: { bitmap, bitmap_pgoff, range } }: MmWalk<DirtyRecord>): Steps {
  const pgoff = (yield* linear_page_index(vma!, address)) - bitmap_pgoff
  yield* setBits(bitmap, 1 << pgoff, { label: '__set_bit(pgoff, bitmap)' })
  if (range) yield* widen(range, pgoff)
}

/** mm/mapping_dirty_helpers.c:clean_record_pte. The bit is set when the entry is clean. */
export function* clean_record_pte(ptep: Cell, address: number, walk: MmWalk<DirtyRecord>): Steps {
  if (!pte_dirty(yield* ptep_get(ptep))) return
  const old = yield* ptep_get_and_clear(walk.mm, address, ptep)
  yield* set_pte_at(ptep, pte_mkclean(old))
  yield* touched(yield* wp_walk(), address)
  yield* record(address, walk)
}

/** mm/mapping_dirty_helpers.c:clean_walk_ops */
export const clean_walk_ops: MmWalkOps<DirtyRecord> = {
  pte_entry: clean_record_pte, pmd_entry: wp_clean_pmd_entry, test_walk: wp_clean_test_walk,
  pre_vma: wp_clean_pre_vma, post_vma: wp_clean_post_vma,
}

/**
 * mm/mapping_dirty_helpers.c:clean_record_shared_mapping_range. Entries that were dirty at the start end up in the record; what is
 * written meanwhile stays dirty, or is recorded. The number of entries cleaned.
 */
export function* clean_record_shared_mapping_range(mapping: AddressSpace, first_index: number, nr: number, to: DirtyRecord): Steps<number> {
  const { total } = yield* wp_walk()
  yield* store(total, 0, { label: 'cwalk.base.total = 0' })
  yield* walk_mapping(mapping, first_index, nr, clean_walk_ops, to)
  return yield* load(total, { label: 'cwalk.base.total' })
}
