import { device_store, hfi1, hfi1_user_exp_rcv_setup, holds, race, reach, sys_munmap, violates } from 'mmrace'

export default race({
  name: 'hfi1-setup-vs-munmap',
  title: 'user memory is unmapped while a network card is told to receive into it',
  seed: 'S4',
  references: ['b3deec25847b IB/hfi1: Remove user expected buffer invalidate race'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm, bo: k.userptr(mm, hfi1) }
  },
  cpus: {
    'setup, card': function* ({ bo }) {
      if (!(yield* hfi1_user_exp_rcv_setup(bo))) return
      if (yield* device_store(bo, 2)) yield* reach('received')
    },
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
  },
  sometimes: ['received', 'unmapped'],
  variants: {
    fixed: {
      expect: violates('O11', 'all'),
      because: 'as released: an invalidation that has begun, and has not called the one that covers yet, never calls the new one',
    },
    'begin-after-insert': {
      apply: ['hfi1-begin-after-insert'],
      expect: holds,
      because: 'what began before the new notifier was there has told the one that covers; what begins later tells both',
    },
    bug: {
      revert: ['b3deec25847b'],
      expect: violates('O11', 'all'),
      because: 'the notifier of the buffer comes after the pin, and nobody looks whether it missed something',
    },
  },
})
