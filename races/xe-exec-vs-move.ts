import {
  type DmaFence, dma_fence_alloc, dma_fence_signal, dma_resv_add_fence, dma_resv_lock_single, dma_resv_unlock, dma_resv_wait_timeout,
  DMA_RESV_USAGE, type DmaMapping, type DmaResv, device_dma_write, dma_map_sgtable, exclusive_use, exclusive_use_ends, holds, type Page, race, reach,
  type Setup, type Steps, violates,
} from 'mmrace'

/** An object that is not private to a VM: it has a reservation of its own. */
interface External {
  readonly resv: DmaResv
  readonly vm_resv: DmaResv
  readonly page: Page
  readonly mapping: DmaMapping
}

interface Exec {
  /** A job waits for what the kernel does with each object that the submission has locked; before, with those of the VM only. */
  readonly all?: boolean
  /** The reservation is dropped before it is looked for fences. */
  readonly late?: boolean
}

/** The kernel moves the object: a copy by the GPU, with a fence of usage KERNEL. */
function* move({ resv, page }: External): Steps<DmaFence> {
  yield* dma_resv_lock_single(resv)
  const fence = yield* dma_fence_alloc()
  yield* exclusive_use(page)
  yield* dma_resv_add_fence(resv, fence, DMA_RESV_USAGE.KERNEL)
  yield* dma_resv_unlock(resv)
  return fence
}

/** drivers/gpu/drm/xe/xe_exec.c:xe_exec_ioctl: what the job has to wait for, under the reservations. */
function* exec({ resv, vm_resv, mapping }: External, { all, late }: Exec): Steps {
  if (late && all) yield* dma_resv_wait_timeout(resv, DMA_RESV_USAGE.KERNEL)
  yield* dma_resv_lock_single(resv)
  yield* dma_resv_wait_timeout(vm_resv, DMA_RESV_USAGE.KERNEL)
  if (all && !late) yield* dma_resv_wait_timeout(resv, DMA_RESV_USAGE.KERNEL)
  if (yield* device_dma_write(mapping, 1)) yield* reach('job done')
  yield* dma_resv_unlock(resv)
}

export default race({
  name: 'xe-exec-vs-move',
  title: 'a job uses an object that the kernel is moving: which fences does it wait for?',
  seed: 'S4',
  references: ['drivers/gpu/drm/xe/xe_exec.c:xe_exec_ioctl of 7.3: drm_exec_for_each_locked_object(); of 6.12: the reservation of the VM'],
  geometry: { fences: 2, pages: 1 },
  setup: (k: Setup): External => {
    const page = k.driverPage()
    const mapping = k.dmaMapping('object')
    k.call(dma_map_sgtable(mapping, page))
    return { resv: k.reservation('object'), vm_resv: k.reservation('vm'), page, mapping }
  },
  cpus: {
    kernel: function* (object) {
      const fence = yield* move(object)
      yield* exclusive_use_ends(object.page)
      yield* dma_fence_signal(fence)
      yield* reach('moved')
    },
    exec: (object, how: Exec) => exec(object, how),
  },
  sometimes: ['job done', 'moved'],
  variants: {
    fixed: { with: { all: true }, expect: holds, because: 'each object has the fences of what the kernel does with it' },
    bug: { expect: violates('O2', 'all'), because: 'the VM has none of what is done with an object of its own reservation: the job runs during the copy' },
    'looks-early': { with: { all: true, late: true }, expect: violates('O2', 'all'), because: 'a move begins after the look and before the lock' },
  },
})
