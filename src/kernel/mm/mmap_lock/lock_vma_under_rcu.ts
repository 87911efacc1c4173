import { atomic, type Steps } from '../../../engine/model/step.js'
import { type Cpu, this_cpu } from '../../../machine/cpu.js'
import { rcu_read_lock, rcu_read_unlock } from '../../../machine/rcu.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { vma_lookup } from '../find_vma.js'
import { vma_end_read } from './vma_end_read.js'
import { vma_start_read } from './vma_start_read.js'

/** It may have been cut in two, or have grown, between the look into the tree and its lock. From here on it stays as it is. */
const holds = (cpu: Cpu, mm: Mm, vma: Vma, address: number) =>
  atomic('vma->vm_start <= address < vma->vm_end?', (m) => {
    const inside = m.get(vma.vm_start) <= address && address < m.get(vma.vm_end)
    if (inside) for (const observer of kernel().observers) observer.vmaReads?.(m, cpu, mm, vma)
    return inside
  })

/** One look. Undefined: the mmap_lock is needed. 'again': the VMA that was found is none any more. */
function* try_lock_vma(mm: Mm, address: number): Steps<Vma | 'again' | undefined> {
  yield* rcu_read_lock()
  const vma = yield* vma_lookup(mm, address)
  const locked = vma ? yield* vma_start_read(mm, vma) : false
  yield* rcu_read_unlock()
  return locked === true ? vma : locked ? 'again' : undefined
}

/**
 * mm/mmap_lock.c:lock_vma_under_rcu. The VMA of an address, which does not change until vma_end_read(); undefined if there is none, or if it cannot
 * be had without the mmap_lock.
 */
export function* lock_vma_under_rcu(mm: Mm, address: number): Steps<Vma | undefined> {
  for (;;) {
    const vma = yield* try_lock_vma(mm, address)
    if (vma === 'again') continue
    if (!vma) return undefined
    if (yield* holds(yield* this_cpu(), mm, vma, address)) return vma
    yield* vma_end_read(vma)
    return undefined
  }
}
