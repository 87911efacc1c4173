import {
  gpu_run, holds, i915_2018, i915_first_submission, race, reach, sys_munmap, violates, worker_thread, write_one_page,
} from 'mmrace'

export default race({
  name: 'userptr-dirty-vs-writeback',
  title: 'when must set_page_dirty() run: before the mapping of the device goes, or after?',
  seed: 'S4',
  question: 'Q23',
  references: ['2d691aeca4ae drm/i915/userptr: Try to acquire the page lock around set_page_dirty()', 'cb6d7c7dc7ff'],
  geometry: { userptrs: 1, userptrMns: 1, fences: 1, files: 1, filePages: 1, workers: 1 },
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
  oracles: ['O2', 'O7', 'O9', 'O12', 'O13', 'O15'],
  variants: {
    fixed: {
      expect: holds,
      because: 'after the last write of the GPU; who has the lock of the page meanwhile has not read it yet',
    },
    early: {
      apply: ['dirty-before-idle'],
      expect: violates('O7', 'all'),
      because: 'writeback cleans the page before the GPU writes to it',
    },
    'takes-lock': {
      revert: ['2d691aeca4ae'],
      apply: ['cb6d7c7dc7ff'],
      expect: violates('deadlock', 'all'),
      because: 'writeback has the lock, and waits for the notifier, which waits for the worker, which waits for the lock',
    },
  },
})
