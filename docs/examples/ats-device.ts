import {
  dup_mm, holds, invalidate_device_tlb, race, reach, type SvaDriver, sva_read, user_write, violates,
} from 'mmrace'

const driver: SvaDriver = (sva) => ({
  invalidate_range: (mm, start, end) => invalidate_device_tlb(sva, mm, start, end),
})

export default race({
  name: 'ats-device',
  title: 'a device reads through the CPU\'s page tables while copy-on-write changes them',
  tlb: true,
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    k.call(dup_mm(mm))
    return { mm, sva: k.sva(mm, driver) }
  },
  cpus: {
    user: ({ mm }) => user_write(mm, 0, 1),
    device: function* ({ mm, sva }) {
      if ((yield* sva_read(sva, mm, 0)) === 1) yield* reach('new page')
    },
  },
  sometimes: ['new page'],
  oracles: ['O1', 'O2', 'O14'],
  variants: {
    fixed: { expect: holds },
    bug: { apply: ['flush-secondary-after-set'], expect: violates('O14', 'all') },
  },
})
