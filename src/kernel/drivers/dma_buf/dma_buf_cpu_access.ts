import type { LockRequest } from '../../../engine/model/lock.js'
import type { Steps } from '../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../include/dma_resv.js'
import { might_lock } from '../../locking/lock-map.js'
import { RESV_CLASS } from '../../locking/ww_mutex.js'
import type { DmaBuf } from './dma_buf.js'
import { dma_resv_wait_timeout } from './dma_resv.js'

/**
 * drivers/dma-buf/dma-buf.c:dma_buf_begin_cpu_access (DMA_BUF_IOCTL_SYNC): work of devices that writes is waited for, and before
 * a write of the CPU work that reads, too. Devices are coherent here: there are no caches to clean.
 */
export function* dma_buf_begin_cpu_access({ resv }: DmaBuf, write: boolean): Steps {
  yield* might_lock(RESV_CLASS)
  yield* dma_resv_wait_timeout(resv, write ? DMA_RESV_USAGE.READ : DMA_RESV_USAGE.WRITE)
}

/** drivers/dma-buf/dma-buf.c:dma_buf_end_cpu_access: for exporters that have caches to clean. */
export const dma_buf_end_cpu_access = (): LockRequest => might_lock(RESV_CLASS)
