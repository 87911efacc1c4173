import type { Access } from '../../../engine/model/memory.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { slab_alloc, slab_free } from '../../slab.js'

/** kernel/fork.c:vm_area_alloc, inside a step: a VMA that is in no tree. */
export function vm_area_alloc(m: Access): Vma {
  const vma = slab_alloc(m, kernel().vmas)
  if (!vma.lock) return vma
  m.set(vma.lock.vm_lock_seq, 0)
  m.set(vma.lock.vm_refcnt, 0)
  m.set(vma.lock.vm_lock, 0)
  m.set(vma.lock.detached, 1)
  return vma
}

/**
 * kernel/fork.c:vm_area_free, inside a step. With locks of their own VMAs may be looked at by whoever found them under RCU: until 6.15 they are
 * freed by call_rcu(); since then at once, and whoever takes the lock looks whose VMA it is by then (SLAB_TYPESAFE_BY_RCU).
 */
export function vm_area_free(m: Access, vma: Vma): void {
  const head = has('vma-refcount') ? undefined : kernel().vmaHeads[vma.ref - 1]
  if (head) kernel().machine.rcu.queue(m, head)
  else slab_free(m, kernel().vmas, vma)
}
