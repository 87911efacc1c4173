// A driver queues a work on its device, and is removed: cancel_work_sync() before kfree(), or not.
import {
  type Allocated, cancel_work_sync, holds, kfree, queue_work, race, reach, type Setup, violates, worker_thread, type WorkStruct,
} from 'mmrace'
import { fetchAdd, type Steps } from 'mmrace/engine'

function* remove(device: Allocated<'events'>, work: WorkStruct, cancels: boolean | undefined): Steps {
  if (cancels) yield* cancel_work_sync(work)
  yield* kfree(device)
  yield* reach('removed')
}

export default race({
  name: 'removed-device',
  title: 'a device is freed while its work is queued',
  setup: (k: Setup) => {
    const device = k.object('device', { events: 0 })
    const work = k.work('device.work', () => fetchAdd(device.events, 1))
    k.call(queue_work(work))
    return { device, work }
  },
  cpus: {
    remove: ({ device, work }, { cancels }: { cancels?: boolean }) => remove(device, work, cancels),
    kworker: worker_thread,
  },
  sometimes: ['removed'],
  variants: { fixed: { with: { cancels: true }, expect: holds }, bug: { with: { cancels: false }, expect: violates('O2', 'all') } },
})
