import {
  gpu_run, i915_2018, i915_first_submission, reach, scene, sys_munmap, worker_thread, write_one_page,
} from 'mmrace'

/** A GPU is at work on a page of a file when one thread unmaps it and another writes it to the disk: two notifier calls. */
export const userptrWriteback = scene({
  geometry: { fences: 1, files: 1, filePages: 1, workers: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 1, value: 1 })
    const bo = k.userptr(mm, i915_2018)
    const fence = k.call(i915_first_submission(bo))!
    return { mm, page: k.page(k.open(file), 0), bo, fence }
  },
  cpus: {
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
    writeback: function* ({ page }) {
      if (yield* write_one_page(page)) yield* reach('written back')
    },
    GPU: function* ({ bo, fence }) {
      if (yield* gpu_run(bo, fence, 2)) yield* reach('written')
    },
    worker: worker_thread,
  },
  sometimes: ['unmapped', 'written back', 'written'],
})
