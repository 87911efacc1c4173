import { atomic, type Step, type Steps, store } from '../../../../engine/model/step.js'
import { EBUSY } from '../../../include/errno.js'
import { pte_pfn } from '../../../include/pgtable.js'
import { has, kernel } from '../../../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../../../locking/mmap_lock.js'
import { down_read, up_read } from '../../../locking/rwsem.js'
import { hmm_pfn_to_pfn, hmm_range_fault } from '../../../mm/hmm.js'
import { mmu_interval_read_begin, mmu_interval_read_retry } from '../../../mm/mmu_interval_notifier.js'
import { dma_map_sgtable } from '../dma_map.js'
import type { XeUserptrVma } from './xe_userptr_vma.js'

/** What the CPU's tables map, looked up from the sequence that it returns with. An error number otherwise. */
function* look_up(vma: XeUserptrVma): Steps<{ readonly pfns: readonly number[]; readonly seq: number } | number> {
  const { mm, notifier } = vma
  const seq = yield* mmu_interval_read_begin(notifier, mm)
  yield* mmap_read_lock(mm)
  const found = yield* hmm_range_fault(mm, { notifier, notifier_seq: seq, start: 0, end: vma.dma.length, fault: true, write: true, owner: vma })
  yield* mmap_read_unlock(mm)
  return typeof found === 'number' ? found : { pfns: found.map(hmm_pfn_to_pfn), seq }
}

/** drivers/gpu/drm/drm_gpusvm.c:drm_gpusvm_get_pages, and the entries of the GPU's tables, with the notifier lock held. */
function* bind(vma: XeUserptrVma, pfns: readonly number[], seq: number): Steps {
  for (const [i, pfn] of pfns.entries()) {
    yield* dma_map_sgtable(vma.dma[i]!, kernel().page(pfn))
    yield* store(vma.gpu_ptes[i]!, pfn + 1, { label: `xe_pt_stage_bind(): entry ${i}` })
  }
  yield* store(vma.has_dma_mapping, 1, { label: 'has_dma_mapping = true' })
  yield* store(vma.notifier_seq, seq, { label: 'pages->notifier_seq' })
  yield* store(vma.tile_invalidated, 0, { label: 'vma->tile_invalidated = 0' })
}

/** drivers/gpu/drm/xe/xe_pagefault.c:xe_pagefault_handle_vma: what the GPU finds no entry for is bound. False: there is no memory. */
export function* xe_pagefault_handle_vma(vma: XeUserptrVma): Steps<boolean> {
  for (;;) {
    const found = yield* look_up(vma)
    if (typeof found === 'number') {
      if (found === -EBUSY) continue
      return false
    }
    yield* down_read(vma.notifier_lock, 'down_read(notifier_lock)')
    const retry = yield* mmu_interval_read_retry(vma.notifier, found.seq)
    if (!retry) yield* bind(vma, found.pfns, found.seq)
    yield* up_read(vma.notifier_lock, 'up_read(notifier_lock)')
    if (!retry) return true
  }
}

/**
 * A store of the GPU by its TLB, which it fills from its tables. False: no entry, or the IOMMU has none. Where the IOMMU does not
 * translate, what the driver has mapped for DMA is the memory's own address, and unmapping it takes nothing away.
 */
export const xe_gpu_store = (vma: XeUserptrVma, address: number, value: number): Step<boolean> =>
  atomic(`GPU: ST ${address} = ${value}`, (m) => {
    const tlb = vma.gpu_tlb[address]!
    if (m.get(tlb) === 0) m.set(tlb, m.get(vma.gpu_ptes[address]!))
    const dma = m.get(tlb)
    const word = m.get(vma.dma[address]!.iommu_pte)
    if (dma === 0 || (word === 0 && !has('iommu-passthrough'))) return false
    const page = kernel().page(has('iommu-passthrough') ? dma - 1 : pte_pfn(word))
    m.set(page.content, value)
    for (const observer of kernel().observers) observer.deviceWrites?.(m, page, value, vma.mm, address)
    return true
  })
