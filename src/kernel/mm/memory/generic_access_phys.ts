import { load, type Steps } from '../../../engine/model/step.js'
import { dma_write } from '../../drivers/dma.js'
import { EINVAL } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { pte_pfn, pte_write } from '../../include/pgtable.js'
import { VM_IO, VM_PFNMAP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { vma_lookup } from '../find_vma.js'
import { ptep_get } from '../pgtable.js'
import { follow_pte } from './follow_pte.js'

/** The entry, with no lock any more when it is returned. */
function* look_up(mm: Mm, address: number): Steps<number | undefined> {
  const locked = yield* follow_pte(mm, address)
  if (!locked) return undefined
  const pte = yield* ptep_get(locked.ptep)
  yield* spin_unlock(locked.ptl)
  return pte
}

/**
 * Writes to where `pte` leads if the entry is still that one, and with the lock that keeps it so. Before that came ioremap_prot(),
 * which may sleep. Undefined: it has changed.
 */
function* write_if_same(mm: Mm, address: number, pte: number, value: number): Steps<number | undefined> {
  const page = kernel().page(pte_pfn(pte))
  if (!has('96667f8a4382')) {
    yield* dma_write(page, value)
    return 1
  }
  const locked = yield* follow_pte(mm, address)
  if (!locked) return -EINVAL
  const same = (yield* ptep_get(locked.ptep)) === pte
  const early = has('mutant-access-phys-unlocks-early')
  if (early) yield* spin_unlock(locked.ptl)
  if (same) yield* dma_write(page, value)
  if (!early) yield* spin_unlock(locked.ptl)
  return same ? 1 : undefined
}

/** mm/memory.c:generic_access_phys, for writing: what a driver does for ptrace() in a PFN mapping. 1, or a negative error number. */
export function* generic_access_phys(vma: Vma, address: number, value: number): Steps<number> {
  if (!((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & (VM_IO | VM_PFNMAP))) return -EINVAL
  const mm = kernel().mms.deref(yield* load(vma.vm_mm, { label: 'vma->vm_mm' }))
  for (;;) {
    const pte = yield* look_up(mm, address)
    if (pte === undefined || !pte_write(pte)) return -EINVAL
    const done = yield* write_if_same(mm, address, pte, value)
    if (done !== undefined) return done
  }
}

/** mm/memory.c:__access_remote_vm, where GUP has found nothing: ptrace(PTRACE_POKEDATA) in a mapping with VM_IO. Whether it wrote. */
export function* access_remote_vm(mm: Mm, address: number, value: number): Steps<boolean> {
  yield* mmap_read_lock(mm)
  const vma = yield* vma_lookup(mm, address)
  const done = vma ? yield* generic_access_phys(vma, address, value) : 0
  yield* mmap_read_unlock(mm)
  return done > 0
}
