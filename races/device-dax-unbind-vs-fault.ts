import { dev_dax_unbind, holds, race, reach, user_write, violates } from 'mmrace'

export default race({
  name: 'device-dax-unbind-vs-fault',
  title: 'device-dax: can a fault make a new mapping while unbind unmaps?',
  seed: 'S0',
  question: 'Q7',
  references: ['drivers/dax/super.c:kill_dax', 'drivers/dax/device.c:dev_dax_huge_fault'],
  needs: ['ZONE_DEVICE'],
  tlb: true,
  geometry: { files: 1, pages: 0, deviceDax: 1, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const dev_dax = k.devDax()
    k.mapDax(mm, dev_dax)
    return { mm, dev_dax }
  },
  cpus: {
    unbind: function* ({ dev_dax }) {
      yield* dev_dax_unbind(dev_dax)
      yield* reach('unbound')
    },
    user: function* ({ mm }) {
      yield* reach((yield* user_write(mm, 0, 1)) ? 'written' : 'refused')
    },
  },
  sometimes: ['unbound', 'written', 'refused'],
  variants: {
    fixed: { expect: holds, because: 'faults that saw the device alive have ended before their mappings are taken away' },
    bug: {
      apply: ['mutant-no-srcu-wait'],
      expect: violates('O16', 'all'),
      because: 'the handler has seen the device alive, and maps it after it was unmapped',
    },
  },
})
