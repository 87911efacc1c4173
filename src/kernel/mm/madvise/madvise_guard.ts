import type { Cell } from '../../../engine/model/memory.js'
import { load, setBits, type Step, type Steps, store } from '../../../engine/model/step.js'
import { EINVAL, ERESTARTNOINTR } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { pmd_none, pmd_trans_huge, pte_none } from '../../include/pgtable.js'
import { GUARD_MARKER, is_guard_marker } from '../../include/swapops.js'
import { VM_HUGETLB, VM_LOCKED, VM_MAYBE_GUARD, VM_SPECIAL } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has } from '../../kernel.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { CALL_STARTS, observe, promise, unmap_starts } from '../../observer.js'
import { pmd_addr_end } from '../addr_end.js'
import { pte_offset_map_lock } from '../memory/pte_lock.js'
import { zap_page_range_single } from '../memory/unmap_page_range.js'
import { __pte_alloc, pmd_offset, pmdp_get, pte_index, ptep_get, set_pte_at } from '../pgtable.js'
import { anon_vma_prepare } from '../rmap/anon_vma.js'

const MAX_MADVISE_GUARD_RETRIES = 3

const guards = (mm: Mm, start: number, end: number, on: boolean): Step<void> =>
  observe(CALL_STARTS, (o, m) => o.guards?.(m, mm, start, end, on))

function* is_valid_guard_vma(vma: Vma, allow_locked: boolean): Steps<boolean> {
  const disallowed = VM_SPECIAL | VM_HUGETLB | (allow_locked ? 0 : VM_LOCKED)
  return !((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & disallowed)
}

/** One entry under the lock. False: something is mapped there. */
function* install_pte(ptep: Cell, seen_none: boolean): Steps<boolean> {
  const pte = yield* ptep_get(ptep)
  if (is_guard_marker(pte)) return true
  if (!pte_none(pte) && !seen_none) return false
  yield* set_pte_at(ptep, GUARD_MARKER)
  return true
}

/** mm/pagewalk.c:walk_pte_range with install_pte(), of one table. 'again' if there was none to lock. */
function* install_table(pmdp: Cell, start: number, end: number): Steps<boolean | 'again'> {
  const locked = yield* pte_offset_map_lock(pmdp, start)
  if (!locked) return 'again'
  const { table, ptl } = locked
  let clear = true
  for (let at = start; at < end && clear; at++) clear = yield* install_pte(table.entries[pte_index(at)]!, false)
  yield* spin_unlock(ptl)
  return clear
}

/** The same by who looks whether an entry is none before he has the lock, and believes it. */
function* install_unlocked(pmdp: Cell, start: number, end: number): Steps<boolean | 'again'> {
  const { table, ptl } = (yield* pte_offset_map_lock(pmdp, start))!
  yield* spin_unlock(ptl)
  const none: boolean[] = []
  for (let at = start; at < end; at++) none.push(pte_none(yield* ptep_get(table.entries[pte_index(at)]!)))
  if (!(yield* pte_offset_map_lock(pmdp, start))) return 'again'
  let clear = true
  for (let at = start; at < end && clear; at++) clear = yield* install_pte(table.entries[pte_index(at)]!, none[at - start]!)
  yield* spin_unlock(ptl)
  return clear
}

/** Markers wherever nothing is mapped. False: something is, which has to go first. */
function* install_markers(mm: Mm, start: number, end: number): Steps<boolean> {
  for (let at = start; at < end;) {
    const next = pmd_addr_end(at, end)
    const pmdp = pmd_offset(mm, at)
    const pmd = yield* pmdp_get(pmdp)
    if (pmd_trans_huge(pmd)) return false
    if (pmd_none(pmd)) yield* __pte_alloc(mm, pmdp)
    const clear = yield* has('mutant-guard-looks-early') ? install_unlocked(pmdp, at, next) : install_table(pmdp, at, next)
    if (!clear) return false
    if (clear !== 'again') at = next
  }
  return true
}

const set_maybe_guard = (vma: Vma): Step => setBits(vma.vm_flags, VM_MAYBE_GUARD, { label: 'vma_set_atomic_flag(MAYBE_GUARD)' })

/** mm/madvise.c:madvise_guard_install: whoever touches a page of the range gets a signal. */
export function* madvise_guard_install(mm: Mm, vma: Vma, start: number, end: number): Steps<number> {
  if (!(yield* is_valid_guard_vma(vma, false))) return -EINVAL
  const late = has('mutant-guard-flag-late')
  if (!late) yield* set_maybe_guard(vma)
  if ((yield* load(vma.vm_file, { label: 'vma_is_anonymous(vma)' })) === 0) yield* anon_vma_prepare(vma)
  yield* unmap_starts(mm, start, end)
  for (let i = 0; i < MAX_MADVISE_GUARD_RETRIES; i++) {
    if (yield* install_markers(mm, start, end)) {
      if (late) yield* set_maybe_guard(vma)
      yield* promise(mm, start, end, 'no access', 'MADV_GUARD_INSTALL')
      yield* guards(mm, start, end, true)
      return 0
    }
    yield* zap_page_range_single(mm, vma, start, end)
  }
  return -ERESTARTNOINTR
}

/** mm/madvise.c:madvise_guard_remove */
export function* madvise_guard_remove(mm: Mm, vma: Vma, start: number, end: number): Steps<number> {
  if (!(yield* is_valid_guard_vma(vma, true))) return -EINVAL
  yield* guards(mm, start, end, false)
  for (let at = start; at < end; at = pmd_addr_end(at, end)) {
    const locked = yield* pte_offset_map_lock(pmd_offset(mm, at), at)
    if (!locked) continue
    for (let i = at; i < pmd_addr_end(at, end); i++) {
      const ptep = locked.table.entries[pte_index(i)]!
      if (is_guard_marker(yield* ptep_get(ptep))) yield* store(ptep, 0, { label: 'pte_clear(ptep)' })
    }
    yield* spin_unlock(locked.ptl)
  }
  return 0
}
