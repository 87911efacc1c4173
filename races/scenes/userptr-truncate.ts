import { type DmaFence, gpu_run, reach, scene, type Steps, sys_munmap, truncate_setsize, type Userptr, type UserptrDriver } from 'mmrace'

/** A GPU has been told to write to a page of a file, which is unmapped by one thread and truncated away by another. */
export const userptrTruncate = (driver: UserptrDriver, exec: (bo: Userptr) => Steps<DmaFence | undefined>) => scene({
  geometry: { fences: 1, files: 1, filePages: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 1, value: 1 })
    const bo = k.userptr(mm, driver)
    const fence = k.call(exec(bo))!
    return { mm, file: k.open(file), bo, fence }
  },
  cpus: {
    munmap: function* ({ mm, bo, fence }) {
      yield* gpu_run(bo, fence, 2)
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
    truncate: function* ({ file }) {
      yield* truncate_setsize(file, 0)
      yield* reach('truncated')
    },
  },
  sometimes: ['unmapped', 'truncated'],
})
