import { kvm } from '../../kernel/drivers/secondary_mmu/kvm.js'
import { dmirror_exclusive } from '../../kernel/drivers/test_hmm/dmirror_exclusive.js'
import { dmirror_migrate_to_device } from '../../kernel/drivers/test_hmm/dmirror_migrate.js'
import { MADV } from '../../kernel/mm/madvise/advice.js'
import { sys_madvise } from '../../kernel/mm/madvise/sys_madvise.js'
import { state } from '../state.js'
import { DRIVER_ROOM, FILE_ROOM, ROOM } from './room.js'

const GUEST = { ...ROOM, nodes: 1 } as const
const SVA = { ...ROOM, nodes: 1, iommus: 1 } as const
const HMM = { ...ROOM, nodes: 1, mirrors: 2, devicePrivate: 1 } as const

/** Guests, and devices that follow the page tables of the process. */
export const deviceStates = [
  state({
    name: 'guest', kind: 'anon', gives: ['mm', 'mmu', 'page'], geometry: GUEST,
    setup: (k) => {
      const { mm, mmu } = k.guest({ pages: 2 })
      return { mm, mmu, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'nested guest', kind: 'anon', gives: ['mm', 'mmu'], geometry: GUEST,
    setup: (k) => {
      const { mm, mmu } = k.guest({ pages: 2, touched: [0, 1] })
      k.nestedShadowPage(mmu)
      return { mm, mmu }
    },
  }),
  state({
    name: 'forked guest', kind: 'anon', gives: ['mm', 'mmu', 'page'], geometry: { ...GUEST, mms: 3 },
    setup: (k) => {
      const { mm, mmu } = k.guest({ pages: 1, value: 6 })
      k.fork(mm)
      return { mm, mmu, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'guest of a file', kind: 'shared', gives: ['mm', 'mmu', 'page', 'file'], geometry: { ...FILE_ROOM, nodes: 1 },
    setup: (k) => {
      const mm = k.mm()
      const { file } = k.shared(mm, { pages: 1, value: 6 })
      return { mm, mmu: k.secondaryMmu(mm), file: k.open(file), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'guest to come', kind: 'anon', gives: ['mm', 'spareMmu', 'page'], geometry: { ...GUEST, swapSlots: 1 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 6 })
      k.call(sys_madvise(mm, 0, 1, MADV.COLD))
      return { mm, spareMmu: k.spareMmu(kvm), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'guest of an OOM victim', kind: 'anon', gives: ['mm', 'victim', 'mmu'], geometry: { ...GUEST, oomReapRetries: 2 },
    setup: (k) => {
      const { mm, mmu } = k.guest({ pages: 1 })
      return { mm, victim: mm, mmu }
    },
  }),
  state({
    name: 'guest of an uncounted page', kind: 'device', gives: ['mm', 'mmu'], geometry: { ...DRIVER_ROOM },
    setup: (k) => {
      const mm = k.mm()
      k.mapObject(mm, k.bufferObject(k.driverTailPage()))
      return { mm, mmu: k.secondaryMmu(mm) }
    },
  }),
  state({
    name: 'SVA', kind: 'anon', gives: ['mm', 'sva', 'page'], geometry: SVA,
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 2 })
      return { mm, sva: k.sva(mm), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'forked SVA', kind: 'anon', gives: ['mm', 'sva', 'page'], geometry: { ...SVA, mms: 3 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 6 })
      k.fork(mm)
      return { mm, sva: k.sva(mm), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'SVA table without pages', kind: 'shared', gives: ['mm', 'sva', 'bare'], geometry: { ...SVA, files: 1 },
    setup: (k) => {
      const mm = k.mm()
      const { file } = k.shared(mm, { pages: 2, touched: [] })
      return { mm, sva: k.sva(mm), bare: k.open(file) }
    },
  }),
  state({
    name: 'mirrored', kind: 'anon', gives: ['mm', 'device', 'mirror', 'page'], geometry: HMM, needs: ['ZONE_DEVICE'],
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 6 })
      const mirror = k.mirror(mm)
      return { mm, mirror, device: mirror, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'mirrored file', kind: 'shared', gives: ['mm', 'device', 'mirror', 'page', 'file'], geometry: { ...HMM, files: 1 }, needs: ['ZONE_DEVICE'],
    setup: (k) => {
      const mm = k.mm()
      const { file } = k.shared(mm, { pages: 1, touched: [] })
      k.read(mm, 0)
      const mirror = k.mirror(mm)
      return { mm, mirror, device: mirror, file: k.open(file), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'in device memory', kind: 'anon', gives: ['mm', 'device', 'mirror'], geometry: { ...HMM, mms: 3 }, needs: ['ZONE_DEVICE'],
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 6 })
      const mirror = k.mirror(mm)
      k.call(dmirror_migrate_to_device(mirror, mm, 0, 1))
      return { mm, mirror, device: mirror }
    },
  }),
  state({
    name: 'in coherent memory', kind: 'anon', gives: ['mm', 'device'], geometry: { ...ROOM, nodes: 1, mirrors: 1, deviceCoherent: 1 }, needs: ['ZONE_DEVICE'],
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 6 })
      const device = k.deviceMemory(mm)
      k.call(dmirror_migrate_to_device(device, mm, 0, 1))
      return { mm, device }
    },
  }),
  state({
    name: 'device has it alone', kind: 'anon', gives: ['mm', 'device', 'mirror', 'page'], geometry: HMM, needs: ['ZONE_DEVICE'],
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 6 })
      const page = k.pageAt(mm, 0)
      const mirror = k.mirror(mm)
      k.call(dmirror_exclusive(mirror, mm, 0, 1))
      return { mm, mirror, device: mirror, page }
    },
  }),
]
