import { holds, race, radeon, radeon_gem_object_free, radeon_gem_userptr_ioctl, reach, truncate_setsize, violates } from 'mmrace'

export default race({
  name: 'radeon-free-vs-truncate',
  title: 'radeon marks pages as dirty without their lock, and lets GPUs write to anonymous memory only',
  seed: 'S4',
  references: ['drivers/gpu/drm/radeon/radeon_ttm.c:radeon_ttm_tt_unpin_userptr', 'drivers/gpu/drm/radeon/radeon_gem.c:radeon_gem_userptr_ioctl'],
  geometry: { files: 1, filePages: 1, pages: 4, vmas: 2, tables: 2 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 1, value: 1 })
    k.anon(mm, { start: 2, pages: 1, touched: [2] })
    const objects = [0, 2].map((address) => k.userptr(mm, radeon, address))
    const bound = objects.filter((bo) => k.call(radeon_gem_userptr_ioctl(bo)))
    return { file: k.open(file), bound }
  },
  cpus: {
    'close(drm)': function* ({ bound }) {
      for (const bo of bound) yield* radeon_gem_object_free(bo)
      yield* reach('freed')
    },
    truncate: function* ({ file }) {
      yield* truncate_setsize(file, 0)
      yield* reach('truncated')
    },
  },
  sometimes: ['freed', 'truncated'],
  oracles: ['O2', 'O9', 'O11', 'O13', 'O15'],
  variants: {
    fixed: { expect: holds, because: 'anonymous memory has no file that could lose the page' },
    'any-memory': {
      apply: ['mutant-radeon-any-memory'],
      expect: violates('O15', 'all'),
      because: 'the notifier is gone, and a truncate takes the page out of its file before that is told that it is dirty',
    },
    locks: {
      apply: ['mutant-radeon-any-memory', 'radeon-dirty-lock'],
      expect: holds,
      because: 'outside of notifiers the lock of the page may be waited for',
    },
  },
})
