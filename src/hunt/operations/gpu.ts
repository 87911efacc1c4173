import { amdgpu_cs_ioctl } from '../../kernel/drivers/userptr/amdgpu/amdgpu_cs.js'
import { queue_store } from '../../kernel/drivers/userptr/amdgpu/kfd/kfd_queues.js'
import { device_store, gpu_run } from '../../kernel/drivers/userptr/gpu.js'
import { hfi1_user_exp_rcv_setup } from '../../kernel/drivers/userptr/hfi1/user_exp_rcv.js'
import { i915_gem_do_execbuffer } from '../../kernel/drivers/userptr/i915/i915_gem_userptr.js'
import { radeon_gem_object_free, radeon_gem_userptr_ioctl } from '../../kernel/drivers/userptr/radeon/radeon_userptr.js'
import { xe_exec_ioctl } from '../../kernel/drivers/userptr/xe/xe_exec.js'
import { operation } from '../operation.js'

/** GPUs that work on memory of the process. */
export const gpuOperations = [
  operation({
    name: 'amdgpu submission', needs: ['amdgpuBo'], by: 'mm',
    run: function* ({ amdgpuBo }) {
      const fence = yield* amdgpu_cs_ioctl(amdgpuBo)
      if (fence) yield* gpu_run(amdgpuBo, fence, 9)
    },
  }),
  operation({
    name: 'i915 submission', needs: ['i915Bo'], by: 'mm',
    run: function* ({ i915Bo }) {
      const fence = yield* i915_gem_do_execbuffer(i915Bo)
      if (fence) yield* gpu_run(i915Bo, fence, 9)
    },
  }),
  operation({
    name: 'xe submission', needs: ['xeBo'], by: 'mm',
    run: function* ({ xeBo }) {
      const fence = yield* xe_exec_ioctl(xeBo)
      if (fence) yield* gpu_run(xeBo, fence, 9)
    },
  }),
  operation({
    name: 'hfi1 receives', needs: ['hfi1Bo'], by: 'mm', single: true,
    run: function* ({ hfi1Bo }) {
      if (yield* hfi1_user_exp_rcv_setup(hfi1Bo)) yield* device_store(hfi1Bo, 9)
    },
  }),
  operation({
    name: 'radeon binds and frees', needs: ['radeonBo'], by: 'mm', single: true,
    run: function* ({ radeonBo }) {
      if (yield* radeon_gem_userptr_ioctl(radeonBo)) yield* radeon_gem_object_free(radeonBo)
    },
  }),
  operation({
    name: 'ROCm queue', needs: ['kfd', 'kfdBo'],
    run: function* ({ kfd, kfdBo }) {
      yield* queue_store(kfd, kfdBo, 9)
    },
  }),
]
