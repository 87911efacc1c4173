import { load, type Step, type Steps, store, until } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { FAULT_FLAG_ALLOW_RETRY, FAULT_FLAG_VMA_LOCK, VM_FAULT_NOPAGE, VM_FAULT_RETRY, VM_FAULT_SIGBUS, type VmFault } from '../../include/fault.js'
import { pmd_none, pmd_present, pmd_trans_huge, pmd_write, pte_none, pte_present, pte_write } from '../../include/pgtable.js'
import type { UserfaultfdCtx } from '../../include/userfaultfd.js'
import { VM_UFFD_WP } from '../../include/vm_flags.js'
import { has, kernel } from '../../kernel.js'
import { mmap_read_unlock } from '../../locking/mmap_lock.js'
import { pte_map_may_fail, pte_offset_map_nolock, pte_unmap } from '../../mm/memory/pte_lock.js'
import { pmdp_get, pte_offset_map } from '../../mm/pgtable.js'
import { vma_end_read } from '../../mm/mmap_lock/vma_end_read.js'

/** fs/userfaultfd.c:userfaultfd_must_wait: a look without locks, in case the answer came while we queued. `reason`: VM_UFFD_…. */
export function* userfaultfd_must_wait(vmf: VmFault, reason: number): Steps<boolean> {
  const wp = (reason & VM_UFFD_WP) !== 0
  const pmd = yield* pmdp_get(vmf.pmdp)
  if (pmd_none(pmd)) return true
  if (!pmd_present(pmd)) return false
  if (pmd_trans_huge(pmd)) return wp && !pmd_write(pmd)
  const table = pte_map_may_fail() ? yield* pte_offset_map_nolock(vmf.pmdp) : pmd
  if (table === undefined) return yield* userfaultfd_must_wait(vmf, reason)
  const pte = yield* load(pte_offset_map(table, vmf.address), { label: 'userfaultfd_must_wait()' })
  yield* pte_unmap()
  return pte_none(pte) || (wp && pte_present(pte) && !pte_write(pte))
}

const is_released = (ctx: UserfaultfdCtx): Step => load(ctx.released, { label: 'READ_ONCE(ctx->released)' })

/**
 * fs/userfaultfd.c:handle_userfault, for a write to write-protected memory, or any access where there is none. Sleeps without
 * the mmap_lock until the monitor has answered; who cannot drop that lock gets SIGBUS.
 */
export function* handle_userfault(vmf: VmFault, reason: number): Steps<number> {
  const ctx = kernel().userfaultfds[vmf.mm.ref - 1]
  if (!ctx || !(vmf.flags & FAULT_FLAG_ALLOW_RETRY)) return VM_FAULT_SIGBUS
  if (yield* is_released(ctx)) return VM_FAULT_NOPAGE
  const queued = ctx.fault_wqh[(yield* this_cpu()).index]!
  yield* store(queued, vmf.address + 1, { label: '__add_wait_queue(fault_pending_wqh)' })
  const wait = (yield* userfaultfd_must_wait(vmf, reason)) && (has('mutant-userfault-sleeps-on') || !(yield* is_released(ctx)))
  if (vmf.flags & FAULT_FLAG_VMA_LOCK) yield* vma_end_read(vmf.vma)
  else yield* mmap_read_unlock(vmf.mm)
  if (wait) yield* until(queued, (address) => address === 0, { label: 'schedule()' })
  else yield* store(queued, 0, { label: 'list_del(&uwq.wq.entry)' })
  return VM_FAULT_RETRY
}
