import { atomic, clearBits, load, type Step, type Steps, store } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { type UserfaultfdCtx, userfaultfd_wp } from '../../include/userfaultfd.js'
import { VM_UFFD_MISSING, VM_UFFD_WP } from '../../include/vm_flags.js'
import { has, kernel } from '../../kernel.js'
import { mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { mmget_not_zero } from '../../mm/fork/mm_count.js'
import { mmput } from '../../mm/fork/mmput.js'
import { vmas_of_mm } from '../../mm/mmap/vma_list.js'
import { uffd_wp_range } from '../../mm/userfaultfd/mwriteprotect_range.js'
import { vma_start_write } from '../../mm/mmap_lock/vma_start_write.js'

const wake_all = (ctx: UserfaultfdCtx): Step<void> =>
  atomic('__wake_up(&ctx->fault_wqh)', (m) => {
    for (const queued of ctx.fault_wqh) m.set(queued, 0)
  })

/** fs/userfaultfd.c:userfaultfd_release: the monitor closes its file. The protection goes, and whoever waits tries again. */
export function* userfaultfd_release(mm: Mm): Steps {
  const ctx = kernel().userfaultfds[mm.ref - 1]
  if (!ctx) return
  yield* store(ctx.released, 1, { label: 'ctx->released = true' })
  const early = has('mutant-release-wakes-first')
  if (early) yield* wake_all(ctx)
  if (yield* mmget_not_zero(mm)) {
    yield* unregister(mm)
    yield* mmput(mm)
  }
  if (!early) yield* wake_all(ctx)
}

function* unregister(mm: Mm): Steps {
  yield* mmap_write_lock(mm)
  for (const vma of yield* atomic('mas_for_each(mm)', (m) => vmas_of_mm(m, mm))) {
    const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
    if (!(vm_flags & (VM_UFFD_MISSING | VM_UFFD_WP))) continue
    yield* vma_start_write(vma)
    if (userfaultfd_wp(vm_flags)) {
      const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
      yield* uffd_wp_range(mm, vma, vm_flags, start, yield* load(vma.vm_end, { label: 'vma->vm_end' }), false)
    }
    yield* clearBits(vma.vm_flags, VM_UFFD_MISSING | VM_UFFD_WP, { label: 'userfaultfd_set_vm_flags(vma)' })
  }
  yield* mmap_write_unlock(mm)
}
