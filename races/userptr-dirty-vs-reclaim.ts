import {
  gpu_run, holds, i915_5_4, i915_first_submission, MADV, race, reach, reclaim_folio, sys_madvise, violates,
} from 'mmrace'

export default race({
  name: 'userptr-dirty-vs-reclaim',
  title: 'i915 gives a page of a file back: may a notifier take the lock of the page?',
  seed: 'S4',
  bug: 'I1',
  references: [
    '2d691aeca4ae drm/i915/userptr: Try to acquire the page lock around set_page_dirty()',
    '505a8ec7e11a Revert "drm/i915/userptr: Acquire the page lock around set_page_dirty()"',
  ],
  geometry: { fences: 1, files: 1, filePages: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 1, value: 1 })
    const bo = k.userptr(mm, i915_5_4)
    const fence = k.call(i915_first_submission(bo))!
    k.call(sys_madvise(mm, 0, 1, MADV.COLD))
    return { bo, fence, page: k.page(file, 0) }
  },
  cpus: {
    reclaim: function* ({ page }) {
      yield* reclaim_folio(page)
      yield* reach('unmapped')
    },
    GPU: function* ({ bo, fence }) {
      if (yield* gpu_run(bo, fence, 2)) yield* reach('written')
    },
  },
  sometimes: ['written', 'unmapped'],
  variants: {
    fixed: { expect: holds, because: 'the notifier only tries; the entry that reclaim has cleared was dirty, and says so' },
    bug: {
      revert: ['2d691aeca4ae'],
      apply: ['cb6d7c7dc7ff'],
      expect: violates('deadlock', 'all'),
      never: ['unmapped'],
      because: 'reclaim holds the lock of the page when it calls the notifier, which waits for it',
    },
  },
})
