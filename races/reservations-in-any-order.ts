import { holds, race, reach, ttm_eu_backoff_reservation, ttm_eu_reserve_buffers, violates } from 'mmrace'

export default race({
  name: 'reservations-in-any-order',
  title: 'three command submissions lock the same buffers, each in its own order',
  seed: 'S4',
  question: 'Q27',
  references: ['Documentation/locking/ww-mutex-design.rst', 'drivers/gpu/drm/ttm/ttm_execbuf_util.c'],
  setup: (k) => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => k.reservation(name))
    return { first: [a!, b!], second: [b!, c!], third: [c!, a!] }
  },
  cpus: {
    first: function* ({ first }) {
      yield* ttm_eu_backoff_reservation(yield* ttm_eu_reserve_buffers(first), first)
      yield* reach('all locked')
    },
    second: function* ({ second }) {
      yield* ttm_eu_backoff_reservation(yield* ttm_eu_reserve_buffers(second), second)
    },
    third: function* ({ third }) {
      yield* ttm_eu_backoff_reservation(yield* ttm_eu_reserve_buffers(third), third)
    },
  },
  sometimes: ['all locked'],
  variants: {
    fixed: { expect: holds, because: 'of two that want each other\'s, the one that came later drops what it has' },
    waits: {
      apply: ['mutant-ww-waits'],
      expect: violates('deadlock', 'all'),
      because: 'each holds one and waits for the next',
    },
  },
})
