import { load, type Steps, store } from '../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../include/dma_resv.js'
import { has } from '../../kernel.js'
import { wait_for_completion } from '../../sched/completion.js'
import { dma_buf_invalidate_mappings } from '../dma_buf/dma_buf_move.js'
import { dma_resv_lock_single, dma_resv_unlock, dma_resv_wait_timeout } from '../dma_buf/dma_resv.js'
import type { VfioPciDevice } from './vfio_pci_device.js'
import { type VfioPciDmaBuf, vfio_pci_dma_buf_put } from './vfio_pci_dma_buf.js'

const set_revoked = (buf: VfioPciDmaBuf, revoked: boolean): Steps => store(buf.revoked, revoked ? 1 : 0, { label: `priv->revoked = ${revoked}` })

/** Fences, and nobody maps it from here on. */
function* invalidate(buf: VfioPciDmaBuf, revoked: boolean): Steps {
  const { dmabuf } = buf
  const late = has('mutant-vfio-revokes-late')
  yield* dma_resv_lock_single(dmabuf.resv)
  if (revoked && !late) yield* set_revoked(buf, true)
  yield* dma_buf_invalidate_mappings(dmabuf)
  yield* dma_resv_wait_timeout(dmabuf.resv, DMA_RESV_USAGE.BOOKKEEP)
  yield* dma_resv_unlock(dmabuf.resv)
  if (revoked && late) yield* set_revoked(buf, true)
}

/** Until nobody has it mapped; then as it was when it was made. */
function* wait_until_unmapped(buf: VfioPciDmaBuf): Steps {
  yield* vfio_pci_dma_buf_put(buf)
  yield* wait_for_completion(buf.comp)
  yield* store(buf.kref, 1, { label: 'kref_init(&priv->kref)' })
  yield* store(buf.comp, 0, { label: 'reinit_completion(&priv->comp)' })
}

/**
 * drivers/vfio/pci/vfio_pci_dmabuf.c:vfio_pci_dma_buf_move, with memory_lock held for writing: devices of others cannot reach the BAR
 * when it returns, or may map it again.
 */
export function* vfio_pci_dma_buf_move(vdev: VfioPciDevice, revoked: boolean): Steps {
  for (const buf of vdev.dmabufs) {
    if ((yield* load(buf.revoked, { label: 'priv->revoked' })) === (revoked ? 1 : 0)) continue
    yield* invalidate(buf, revoked)
    if (revoked && has('vfio-waits-for-unmap')) yield* wait_until_unmapped(buf)
    if (revoked) continue
    yield* dma_resv_lock_single(buf.dmabuf.resv)
    yield* set_revoked(buf, false)
    yield* dma_resv_unlock(buf.dmabuf.resv)
  }
}
