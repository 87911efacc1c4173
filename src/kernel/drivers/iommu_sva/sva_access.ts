import type { Access } from '../../../engine/model/memory.js'
import { Blocked, load, Step, type Steps } from '../../../engine/model/step.js'
import { _PAGE_ACCESSED, _PAGE_DIRTY, hardware_present } from '../../../machine/pte.js'
import { type Leaf, leafBelow } from '../../../machine/tlb.js'
import { access, cached } from '../../../machine/translation.js'
import { FAULT_FLAG_WRITE, VM_FAULT_ERROR } from '../../include/fault.js'
import type { Mm } from '../../include/mm.js'
import { format_word } from '../../include/format_word.js'
import { VM_ACCESS_FLAGS, VM_WRITE } from '../../include/vm_flags.js'
import { kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { vma_lookup } from '../../mm/find_vma.js'
import { mmget_not_zero } from '../../mm/fork/mm_count.js'
import { mmput } from '../../mm/fork/mmput.js'
import { handle_mm_fault } from '../../mm/memory/handle_mm_fault.js'
import { write_by_device } from '../write_by_device.js'
import type { Sva } from './sva.js'

/** A device access through one translation. Undefined: the device has to ask for the page. */
function through(m: Access, sva: Sva, mm: Mm, address: number, leaf: Leaf, value: number | undefined): number | undefined {
  const { profile } = kernel()
  const write = value !== undefined
  const verdict = access(profile, leaf.word, write)
  if (hardware_present(leaf.word)) m.set(sva.held[address]!, cached(leaf.word))
  if (verdict === 'update') {
    if (!leaf.entry) return undefined
    m.set(leaf.entry, m.get(leaf.entry) | _PAGE_ACCESSED | (write ? _PAGE_DIRTY : 0))
  } else if (verdict !== 'ok') return undefined
  const page = mm.page(leaf.word, address)
  if (page === undefined) return undefined
  const old = m.get(page)
  if (write) write_by_device(m, page, value)
  return old
}

/** The IOMMU does not look at the tables: what it has says no. */
function refuse(m: Access, held: number): undefined {
  m.note(`refused: the IOMMU has ${format_word(held)}`)
}

/** One access, with an alternative for each translation that IOMMU and device may have. */
function sva_access(sva: Sva, mm: Mm, address: number, value?: number): Step<number | undefined> {
  const { tlb } = kernel().machine
  const attempt = (m: Access, which: number): number | undefined | Blocked => {
    if (m.get(sva.iommu.cr3) !== mm.context.id) return which === 0 ? undefined : new Blocked('not bound')
    const held = m.get(sva.held[address]!)
    const refused = held !== 0 && access(kernel().profile, held, value !== undefined) === 'permission'
    if (refused && kernel().profile.iommuKeepsRefusals) return which === 0 ? refuse(m, held) : new Blocked('refused')
    const leaf = (tlb?.translations(m, sva.iommu, mm, address) ?? [leafBelow(m, mm, address, mm.root, mm.rootLevel)])[which]
    return leaf ? through(m, sva, mm, address, leaf, value) : new Blocked('no such translation')
  }
  const label = value === undefined ? `device: LD ${address}` : `device: ST ${address} = ${value}`
  return new Step('atomic', undefined, attempt, { order: 'full', label }, tlb?.mostTranslations(mm) ?? 1)
}

/**
 * drivers/iommu/io-pgfault.c:iopf_handle_single: the answer to a page request. False: none can be given. The mm is that of the
 * PASID, if it still has users (iommu_sva_find).
 */
export function* iopf_handle_single(mm: Mm, address: number, write: boolean): Steps<boolean> {
  if (!(yield* mmget_not_zero(mm))) return false
  yield* mmap_read_lock(mm)
  const vma = yield* vma_lookup(mm, address)
  const vm_flags = vma ? yield* load(vma.vm_flags, { label: 'vma->vm_flags' }) : 0
  const allowed = (vm_flags & (write ? VM_WRITE : VM_ACCESS_FLAGS)) !== 0
  const result = vma && allowed ? yield* handle_mm_fault(mm, vma, address, write ? FAULT_FLAG_WRITE : 0) : VM_FAULT_ERROR
  yield* mmap_read_unlock(mm)
  yield* mmput(mm)
  return !(result & VM_FAULT_ERROR)
}

/** The device reads, with page requests until it succeeds. Undefined: there is no memory. */
export function* sva_read(sva: Sva, mm: Mm, address: number): Steps<number | undefined> {
  for (;;) {
    const value = yield* sva_access(sva, mm, address)
    if (value !== undefined) return value
    if (!(yield* iopf_handle_single(mm, address, false))) return undefined
  }
}

/** The device writes. False: there is no memory that it may write. */
export function* sva_write(sva: Sva, mm: Mm, address: number, value: number): Steps<boolean> {
  while ((yield* sva_access(sva, mm, address, value)) === undefined) {
    if (!(yield* iopf_handle_single(mm, address, true))) return false
  }
  return true
}
