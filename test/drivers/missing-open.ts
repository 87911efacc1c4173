// A driver frees its buffer when the last mapping is closed. It counts mmap(), and not that fork() makes one more.
import {
  type Allocated, holds, kfree, mmap_device, race, reach, refcount_dec_and_test, refcount_inc, type Setup, sys_munmap, violates, VM_FAULT_SIGBUS,
} from 'mmrace'
import type { Steps } from 'mmrace/engine'

function* close(buffer: Allocated<'mappings'>): Steps {
  if (!(yield* refcount_dec_and_test(buffer.mappings))) return
  yield* kfree(buffer)
  yield* reach('freed')
}

function* fault(): Steps<number> {
  return VM_FAULT_SIGBUS
}

export default race({
  name: 'missing-open',
  title: 'vm_ops.close without vm_ops.open',
  setup: (k: Setup, { counts }: { counts?: boolean }) => {
    const buffer = k.object('buffer', { mappings: 1 })
    const file = k.device({ fault, ...(counts && { open: () => refcount_inc(buffer.mappings) }), close: () => close(buffer) })
    const parent = k.mm('parent')
    k.call(mmap_device(parent, file))
    return { parent, child: k.fork(parent, 'child') }
  },
  cpus: {
    parent: ({ parent }) => sys_munmap(parent, 0, 1),
    child: ({ child }) => sys_munmap(child, 0, 1),
  },
  sometimes: ['freed'],
  variants: { fixed: { with: { counts: true }, expect: holds }, bug: { with: { counts: false }, expect: violates('O2', 'all') } },
})
