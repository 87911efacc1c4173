import { dma_write } from '../../kernel/drivers/dma.js'
import { kvm } from '../../kernel/drivers/secondary_mmu/kvm.js'
import { guest_write } from '../../kernel/drivers/secondary_mmu/guest_access.js'
import { zap_sptes } from '../../kernel/drivers/secondary_mmu/spte.js'
import { amdgpu } from '../../kernel/drivers/userptr/amdgpu/amdgpu_mn.js'
import { amdgpu_cs_ioctl } from '../../kernel/drivers/userptr/amdgpu/amdgpu_cs.js'
import { gpu_run } from '../../kernel/drivers/userptr/gpu.js'
import { mutex_lock, mutex_trylock, mutex_unlock } from '../../kernel/locking/mutex.js'
import { mmu_interval_notifier_insert, mmu_interval_set_seq } from '../../kernel/mm/mmu_interval_notifier.js'
import { state } from '../state.js'
import { FILE_ROOM, ROOM } from './room.js'

const GUEST = { ...ROOM, nodes: 1 } as const

/** Subscribers that come and go, that have to wait, and of which there are two; counts that come round soon. */
export const notifierStates = [
  state({
    name: 'guest about to end', kind: 'anon', gives: ['mm', 'leaving', 'leavingPage', 'page'], geometry: GUEST,
    setup: (k) => {
      const leavingPage = k.driverPage()
      const mm = k.mm()
      k.anon(mm, { pages: 1 })
      const leaving = k.secondaryMmu(mm, (mmu) => ({
        ...kvm(mmu),
        release: function* () {
          yield* dma_write(leavingPage, 1)
          yield* zap_sptes(mmu, 0, 2)
        },
      }))
      k.call(guest_write(leaving, mm, 0, 1))
      return { mm, leaving, leavingPage, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'guest of an OOM victim beside a driver that waits', kind: 'anon', gives: ['mm', 'victim', 'mmu', 'driverLock'],
    others: { device: function* ({ driverLock }) { yield* mutex_lock(driverLock); yield* mutex_unlock(driverLock) } }, geometry: { ...GUEST, oomReapRetries: 2 },
    setup: (k) => {
      const { mm, mmu } = k.guest({ pages: 1 })
      const driverLock = k.cell('driver.lock')
      k.secondaryMmu(mm, () => ({
        invalidate_range_start: function* ({ blockable }) {
          if (blockable !== false) yield* mutex_lock(driverLock)
          else if (!(yield* mutex_trylock(driverLock))) return false
          yield* mutex_unlock(driverLock)
          return true
        },
      }))
      return { mm, victim: mm, mmu, driverLock }
    },
  }),
  state({
    name: 'interval notifier', kind: 'anon', gives: ['mm', 'interval', 'intervalObject', 'page'], geometry: GUEST,
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1 })
      const interval = k.intervalNotifier('bo.notifier', function* (self, _, cur_seq) {
        yield* mmu_interval_set_seq(self, cur_seq)
        return true
      })
      k.call(mmu_interval_notifier_insert(interval, mm, 0, 1))
      return { mm, interval, intervalObject: k.object('bo', {}, interval), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'amdgpu with another submission', kind: 'anon', gives: ['mm', 'amdgpuBo', 'page'],
    others: { 'other submission': function* ({ amdgpuBo }) { const fence = yield* amdgpu_cs_ioctl(amdgpuBo); if (fence) yield* gpu_run(amdgpuBo, fence, 8) } }, geometry: { ...GUEST, fences: 3 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1 })
      return { mm, amdgpuBo: k.userptr(mm, amdgpu), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'guest of a program with breakpoints', kind: 'anon', gives: ['mm', 'mmu', 'text'], geometry: { ...FILE_ROOM, nodes: 1, mms: 3 },
    setup: (k) => {
      const { file } = k.shared(k.mm(), { pages: 1, value: 6 })
      const mm = k.mm()
      k.privateFile(mm, file)
      k.read(mm, 0)
      return { mm, mmu: k.secondaryMmu(mm), text: mm }
    },
  }),
  state({
    name: 'counts that come round', kind: 'anon', gives: ['pipeMm', 'pipePage'], geometry: { ...ROOM, nodes: 1, refcountBits: 3 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1 })
      return { pipeMm: mm, pipePage: k.pageAt(mm, 0) }
    },
  }),
]
