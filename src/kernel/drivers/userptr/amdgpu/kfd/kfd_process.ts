import type { Cell, Memory } from '../../../../../engine/model/memory.js'
import type { WorkStruct, Workqueue } from '../../../../include/workqueue.js'
import type { Userptr } from '../../userptr.js'

/** struct kgd_mem: a buffer object that is user memory, on one of the GPUs of a process. */
export class KgdMem {
  /** Times that its page was invalidated since it was last looked up. */
  readonly invalid: Cell
  /** On process_info->userptr_inval_list: in the system domain, to be bound anew. */
  readonly on_inval_list: Cell

  constructor(memory: Memory, readonly bo: Userptr) {
    this.invalid = memory.cell(`kgd_mem${bo.index}.invalid`)
    this.on_inval_list = memory.cell(`kgd_mem${bo.index}.inval_list`)
  }
}

/** struct amdkfd_process_info: a process that runs queues of its own on GPUs, for whose work there are no fences. */
export class KfdProcess {
  /** process_info->lock: around the lists of objects. */
  readonly lock: Cell
  /** process_info->notifier_lock, since 6.3. Before, each GPU has one for its own objects (bo.notifier_lock). */
  readonly notifier_lock: Cell
  readonly evicted_bos: Cell
  /** qpd->evicted: reasons for which the queues are stopped. They run when there are none. */
  readonly evicted: Cell
  /** dqm->lock_hidden. */
  readonly dqm_lock: Cell
  readonly restore_userptr_work: WorkStruct
  /** Made at set-up. */
  readonly mems: KgdMem[] = []

  constructor(private readonly memory: Memory, workqueue: Workqueue) {
    const cell = (field: string): Cell => memory.cell(`process_info.${field}`)
    const lock = (field: string): Cell => memory.quiet(`process_info.${field}`)
    this.lock = lock('lock')
    this.notifier_lock = lock('notifier_lock')
    this.evicted_bos = cell('evicted_bos')
    this.evicted = cell('evicted')
    this.dqm_lock = lock('dqm_lock')
    this.restore_userptr_work = workqueue.work('process_info.restore_userptr_work')
  }

  /** add_kgd_mem_to_kfd_bo_list(): one more object. */
  add(bo: Userptr): KgdMem {
    const mem = new KgdMem(this.memory, bo)
    this.mems.push(mem)
    return mem
  }
}
