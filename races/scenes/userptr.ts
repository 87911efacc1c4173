import {
  type DmaFence, gpu_run, type Mm, reach, rogue_command, scene, type Steps, sys_munmap, type Userptr, type UserptrDriver,
} from 'mmrace'

/** A system call that has a GPU write to the object. Undefined: there is no memory. */
type Exec = (bo: Userptr) => Steps<DmaFence | undefined>

interface Env {
  readonly mm: Mm
  readonly bo: Userptr
}

/** A submission, and the GPU that does the work. */
export function* submission(exec: Exec, { bo }: Pick<Env, 'bo'>): Steps {
  const fence = yield* exec(bo)
  if (fence && (yield* gpu_run(bo, fence, 2))) yield* reach('written')
}

/** A GPU that does what no fence stands for, if it is that kind of device. */
export function* rogueGpu({ bo }: Pick<Env, 'bo'>): Steps {
  yield* rogue_command(bo, 3)
}

function* munmap({ mm }: Env): Steps {
  yield* sys_munmap(mm, 0, 1)
  yield* reach('unmapped')
}

/** A GPU is told to write to a page of anonymous memory that is unmapped meanwhile. */
export const userptrVsMunmap = (driver: UserptrDriver, exec: Exec, lane = 'submission, GPU') => scene<Env>({
  geometry: { fences: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm, bo: k.userptr(mm, driver) }
  },
  cpus: { [lane]: (env) => submission(exec, env), munmap },
  sometimes: ['written', 'unmapped'],
})
