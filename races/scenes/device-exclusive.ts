import { scene, dmirror_exclusive, reach } from 'mmrace'

/** A device takes a page of a process for itself. */
export const deviceExclusive = scene({
  needs: ['ZONE_DEVICE'],
  geometry: { pages: 3, devicePrivate: 1, mirrors: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm, mirror: k.mirror(mm) }
  },
  cpus: {
    device: function* ({ mm, mirror }) {
      if ((yield* dmirror_exclusive(mirror, mm, 0, 1)) === 0) yield* reach('the device has it')
    },
  },
  sometimes: ['the device has it'],
  oracles: ['O2', 'O9', 'O10', 'O13'],
})
