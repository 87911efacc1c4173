import {
  type Allocated, flush_work, holds, kfree, load, mutex_lock, mutex_unlock, queue_work, race, reach, type Setup, type Steps, violates,
  worker_thread,
} from 'mmrace'
import { type Cell, store } from 'mmrace/engine'

interface Svm {
  readonly mutex: Cell
  /** The instance that the GPU names leads to the svmm. */
  readonly inst: Cell
  readonly svmm: Allocated<'vmm'>
}

interface Close {
  /** nouveau_svmm_fini() flushes the work of the fault handler. */
  readonly drains?: boolean
  /** Before the instance is unlinked. */
  readonly early?: boolean
}

/** nouveau_svm.c:nouveau_svm_fault: looks svmms up under svm->mutex, and uses them when it has dropped it. */
function* nouveau_svm_fault({ mutex, inst, svmm }: Svm): Steps {
  yield* mutex_lock(mutex, 'mutex_lock(&svm->mutex)')
  const known = yield* load(inst, { label: 'nouveau_ivmm_find(svm, inst)' })
  yield* mutex_unlock(mutex, 'mutex_unlock(&svm->mutex)')
  if (!known) return yield* reach('not known')
  yield* load(svmm.vmm, { label: 'svmm->vmm' })
  yield* reach('handled')
}

export default race({
  name: 'nouveau-svm-close-vs-fault',
  title: 'nouveau closes an address space of a GPU whose fault handler has looked it up',
  seed: 'S4',
  references: ['drivers/gpu/drm/nouveau/nouveau_svm.c:nouveau_svmm_fini of 7.3: flush_work(); not in 6.12'],
  geometry: { workers: 1, pages: 1 },
  setup: (k: Setup) => {
    const svm: Svm = { mutex: k.cell('svm.mutex'), inst: k.cell('svm.inst', 1), svmm: k.object('svmm', { vmm: 1 }) }
    return { svm, work: k.work('buffer.work', () => nouveau_svm_fault(svm)) }
  },
  cpus: {
    interrupt: ({ work }) => queue_work(work),
    close: function* ({ svm, work }, { drains, early }: Close) {
      if (drains && early) yield* flush_work(work)
      yield* mutex_lock(svm.mutex, 'mutex_lock(&svm->mutex)')
      yield* store(svm.inst, 0, { label: 'list_del(&ivmm->head)' })
      yield* mutex_unlock(svm.mutex, 'mutex_unlock(&svm->mutex)')
      if (drains && !early) yield* flush_work(work)
      yield* kfree(svm.svmm)
      yield* reach('closed')
    },
    kworker: worker_thread,
  },
  sometimes: ['closed', 'handled', 'not known'],
  variants: {
    fixed: { with: { drains: true }, expect: holds, because: 'who has looked it up is waited for, and nobody finds it any more' },
    bug: { expect: violates('O2', 'all'), because: 'the handler uses what it found under a lock that it has dropped' },
    'drains-first': { with: { drains: true, early: true }, expect: violates('O2', 'all'), because: 'a fault that comes after the flush finds the instance still linked' },
  },
})
