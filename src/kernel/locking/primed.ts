import type { Dependency } from '../../engine/locks/dependency.js'
import type { Kernel } from '../kernel.js'
import { DMA_FENCE_MAP, FS_RECLAIM, NOTIFIER_MAP } from './lock-map.js'
import { RESV_CLASS, RESV_TICKET } from './ww_mutex.js'

/** One after the other, each with all before it held: what a function takes at boot, so that lockdep has seen it. */
const chain = (where: string, ...classes: readonly string[]): Dependency[] =>
  classes.flatMap((to, i) => classes.slice(0, i).map((from) => ({
    from, to, shared: from === MMAP_LOCK, recursive: false, reading: false, lane: 'boot',
    held: { label: `lock(${from})`, calls: [where] }, taken: { label: `lock(${to})`, calls: [where] },
  })))

const MMAP_LOCK = '&mm->mmap_lock'
const I_MMAP_RWSEM = '&file->i_mmap_rwsem'

/** Orders that 6.1 teaches lockdep before anybody relies on them, and that everybody has to keep. */
export const primed = ({ wwContexts }: Kernel): Dependency[] => [
  ...chain('__mmu_notifier_register', FS_RECLAIM, NOTIFIER_MAP),
  ...(wwContexts.length === 0 ? [] : [
    ...chain('dma_resv_lockdep', MMAP_LOCK, RESV_TICKET, RESV_CLASS, FS_RECLAIM, I_MMAP_RWSEM),
    ...chain('dma_resv_lockdep', MMAP_LOCK, RESV_TICKET, RESV_CLASS, FS_RECLAIM, NOTIFIER_MAP, DMA_FENCE_MAP),
  ]),
]
