import type { Cell } from '../../engine/model/memory.js'
import { atomic, load, store, type Steps } from '../../engine/model/step.js'
import { smp_mb } from '../barrier.js'
import { this_cpu } from '../cpu.js'
import { everything, type FlushRange } from '../flush.js'
import type { MmContext } from '../mm-context.js'
import { _PAGE_INVALID } from '../pte.js'

/**
 * `arch/s390/mm/pgtable.c:ptep_xchg_lazy`: IPTE marks the entry invalid and drops it from every TLB in one
 * instruction; the new value is a store of its own. While no other CPU is attached the entry is only marked, and the
 * next flush of the address space makes up for it.
 */
export function* ipte_entry_xchg(mm: MmContext, entry: Cell, va: number, value: number, pages: number): Steps<number> {
  const self = yield* this_cpu()
  const old = yield* load(entry, { label: 'old = *ptep' })
  const attached = yield* load(mm.cpumask, { label: 'mm_cpumask(mm)' })
  if (attached === self.bit) {
    yield* store(entry, old | _PAGE_INVALID, { label: '*ptep |= _PAGE_INVALID' })
    yield* store(mm.flush_mm, 1, { label: 'mm->context.flush_mm = 1' })
  } else if (!(old & _PAGE_INVALID)) {
    yield* atomic('IPTE', (m) => {
      m.set(entry, m.get(entry) | _PAGE_INVALID)
      const page: FlushRange = { start: va, end: va + pages, call: 'page', freedTables: false, fullmm: false }
      for (const cpu of self.machine.cpus) self.machine.tlb?.drop(m, cpu, mm, page, false)
    })
    yield* smp_mb()
  }
  yield* store(entry, value, { label: '*ptep = new' })
  return old
}

/** `arch/s390/include/asm/tlb.h:pte_free_tlb`: whatever becomes of the gather, the next flush is one of everything. */
export function* flush_mm_later(mm: MmContext): Steps {
  yield* store(mm.flush_mm, 1, { label: 'mm->context.flush_mm = 1' })
}

/** `arch/s390/include/asm/tlbflush.h:__tlb_flush_mm_lazy`: flushes only what was invalidated without a flush. */
export function* flush_mm_lazy(mm: MmContext, range: FlushRange): Steps {
  const self = yield* this_cpu()
  if (range.freedTables) yield* store(mm.flush_mm, 1, { label: 'mm->context.flush_mm = 1' })
  yield* atomic('__tlb_flush_mm_lazy()', (m) => {
    if (!m.get(mm.flush_mm)) return
    m.set(mm.flush_mm, 0)
    for (const cpu of self.machine.cpus) self.machine.tlb?.drop(m, cpu, mm, everything, true)
  })
  yield* smp_mb()
}

/** `pmdp_xchg_direct`: IDTE takes a table away and drops what was below, attached elsewhere or not. */
export function* idte_collapse_flush(mm: MmContext, pmdp: Cell, range: FlushRange): Steps<number> {
  const { machine } = yield* this_cpu()
  const old = yield* load(pmdp, { label: 'old = *pmdp' })
  yield* atomic('IDTE', (m) => {
    m.set(pmdp, m.get(pmdp) | _PAGE_INVALID)
    for (const cpu of machine.cpus) machine.tlb?.drop(m, cpu, mm, range, true)
  })
  yield* store(pmdp, 0, { label: '*pmdp = empty' })
  return old
}
