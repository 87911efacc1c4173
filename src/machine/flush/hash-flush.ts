import type { Cell } from '../../engine/model/memory.js'
import { atomic, load, store, type Steps } from '../../engine/model/step.js'
import { smp_mb } from '../barrier.js'
import { this_cpu } from '../cpu.js'
import type { FlushRange } from '../flush.js'
import { smp_call_function_many } from '../ipi.js'
import type { MmContext } from '../mm-context.js'

const range = (va: number, pages: number): FlushRange => ({ start: va, end: va + pages, call: 'page', freedTables: false, fullmm: false })

/**
 * `arch/powerpc/mm/book3s64/hash_tlb.c:hpte_need_flush`: the hash PTE of a changed Linux entry is removed at once, or
 * queued while the CPU is in lazy MMU mode.
 */
export function* hash_entry_xchg(mm: MmContext, entry: Cell, va: number, value: number, pages: number): Steps<number> {
  const self = yield* this_cpu()
  return yield* atomic('old = pte_update(ptep)', (m) => {
    const old = m.get(entry)
    m.set(entry, value)
    const { tlb } = self.machine
    if (m.get(self.lazy_mmu)) tlb?.issue(m, self, mm, range(va, pages), false)
    else for (const cpu of self.machine.cpus) tlb?.drop(m, cpu, mm, range(va, pages), false)
    return old
  })
}

/** `__flush_tlb_pending`: removes the queued hash PTEs, for every CPU. */
function* flush_tlb_pending(): Steps {
  const self = yield* this_cpu()
  yield* atomic('__flush_tlb_pending()', (m) => self.machine.tlb?.complete(m, self))
  yield* smp_mb()
}

/** `hash__flush_tlb_range` and `_page` are empty; only the flush of a gather removes what is still queued. */
export function* hash_flush(_mm: MmContext, range: FlushRange): Steps {
  if (range.call === 'gather') yield* flush_tlb_pending()
}

export function* hash_enter_lazy_mmu_mode(): Steps {
  const self = yield* this_cpu()
  yield* store(self.lazy_mmu, 1, { label: 'arch_enter_lazy_mmu_mode()' })
}

export function* hash_leave_lazy_mmu_mode(): Steps {
  const self = yield* this_cpu()
  yield* flush_tlb_pending()
  yield* store(self.lazy_mmu, 0, { label: 'arch_leave_lazy_mmu_mode()' })
}

/**
 * `hash__pmdp_collapse_flush`: plain read and clear, then an IPI to all of `mm_cpumask`, so that a hash_page() which
 * still holds a raw pointer into the table has ended, then the hash PTEs of the range.
 */
export function* hash_collapse_flush(mm: MmContext, pmdp: Cell, range: FlushRange): Steps<number> {
  const self = yield* this_cpu()
  const pmd = yield* load(pmdp, { label: 'pmd = *pmdp' })
  yield* store(pmdp, 0, { label: 'pmd_clear(pmdp)' })
  yield* smp_call_function_many(yield* load(mm.cpumask, { label: 'mm_cpumask(mm)' }))
  yield* atomic('flush_hash_table_pmd_range()', (m) => {
    for (const cpu of self.machine.cpus) self.machine.tlb?.drop(m, cpu, mm, range, true)
  })
  return pmd
}
