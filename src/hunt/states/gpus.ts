import { worker_thread } from '../../kernel/workqueue/workqueue.js'
import { gpu_run } from '../../kernel/drivers/userptr/gpu.js'
import { amdgpu } from '../../kernel/drivers/userptr/amdgpu/amdgpu_mn.js'
import { amdgpu_kfd } from '../../kernel/drivers/userptr/amdgpu/kfd/amdgpu_amdkfd_evict_userptr.js'
import { kfd_first_map } from '../../kernel/drivers/userptr/amdgpu/kfd/kfd_user_pages.js'
import { hfi1 } from '../../kernel/drivers/userptr/hfi1/user_exp_rcv.js'
import { i915 } from '../../kernel/drivers/userptr/i915/i915_gem_userptr.js'
import { i915_first_submission } from '../../kernel/drivers/userptr/i915/userptr_get_pages.js'
import { i915_5_4 } from '../../kernel/drivers/userptr/i915/userptr_mn.js'
import { radeon } from '../../kernel/drivers/userptr/radeon/radeon_userptr.js'
import { xe } from '../../kernel/drivers/userptr/xe/xe_userptr.js'
import { MADV } from '../../kernel/mm/madvise/advice.js'
import { sys_madvise } from '../../kernel/mm/madvise/sys_madvise.js'
import { state } from '../state.js'
import { ROOM } from './room.js'

const GPU = { ...ROOM, nodes: 1, fences: 3 } as const

/** A page of the process is a buffer object of a GPU. */
export const gpuStates = [
  state({
    name: 'amdgpu', kind: 'anon', gives: ['mm', 'amdgpuBo', 'page'], geometry: GPU,
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 2, thp: true })
      return { mm, amdgpuBo: k.userptr(mm, amdgpu), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'i915', kind: 'anon', gives: ['mm', 'i915Bo', 'page'], geometry: GPU,
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 2, thp: true })
      return { mm, i915Bo: k.userptr(mm, i915), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'xe', kind: 'anon', gives: ['mm', 'xeBo', 'page'], geometry: GPU,
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 2, thp: true })
      return { mm, xeBo: k.userptr(mm, xe), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'hfi1', kind: 'anon', gives: ['mm', 'hfi1Bo', 'page'], geometry: GPU,
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 2 })
      return { mm, hfi1Bo: k.userptr(mm, hfi1), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'radeon', kind: 'shared', gives: ['mm', 'radeonBo', 'page', 'file'], geometry: { ...GPU, files: 1 },
    setup: (k) => {
      const mm = k.mm()
      const { file } = k.shared(mm, { pages: 1, value: 6 })
      return { mm, radeonBo: k.userptr(mm, radeon), file: k.open(file), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'ROCm', kind: 'anon', gives: ['mm', 'kfd', 'kfdBo'], others: { worker: () => worker_thread() }, geometry: { ...GPU, workers: 1 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1 })
      const kfd = k.kfd()
      const kfdBo = k.userptr(mm, amdgpu_kfd(kfd))
      k.call(kfd_first_map(kfd))
      return { mm, kfd, kfdBo }
    },
  }),
  state({
    name: 'busy i915 of 5.4', kind: 'shared', gives: ['mm', 'busyBo', 'busy', 'page', 'file'],
    others: { GPU: ({ busyBo, busy }) => gpu_run(busyBo, busy, 9) }, geometry: { ...GPU, files: 1, filePages: 1 },
    setup: (k) => {
      const mm = k.mm()
      const { file } = k.shared(mm, { pages: 1, value: 6 })
      const busyBo = k.userptr(mm, i915_5_4)
      const busy = k.call(i915_first_submission(busyBo))
      if (!busy) throw new Error('there is no memory')
      k.call(sys_madvise(mm, 0, 1, MADV.COLD))
      return { mm, busyBo, busy, file: k.open(file), page: k.pageAt(mm, 0) }
    },
  }),
]
