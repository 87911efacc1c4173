import type { Step, Steps } from '../../engine/model/step.js'
import type { Mm } from '../include/mm.js'
import { per_vma_lock } from '../mm/mmap_lock/per_vma_lock.js'
import { vma_end_write_all } from '../mm/mmap_lock/vma_mark.js'
import { down_read, down_read_trylock, down_write, down_write_trylock, downgrade_write, up_read, up_write } from './rwsem.js'

export const mmap_read_lock = (mm: Mm): Step<void> => down_read(mm.mmap_lock, 'mmap_read_lock(mm)')
export const mmap_read_trylock = (mm: Mm): Step<boolean> => down_read_trylock(mm.mmap_lock, 'mmap_read_trylock(mm)')
export const mmap_read_unlock = (mm: Mm): Step => up_read(mm.mmap_lock, 'mmap_read_unlock(mm)')
export const mmap_write_lock = (mm: Mm): Steps => down_write(mm.mmap_lock, 'mmap_write_lock(mm)')
export const mmap_write_lock_nested = (mm: Mm, subclass: number): Steps => down_write(mm.mmap_lock, 'mmap_write_lock(mm)', subclass)
export const mmap_write_trylock = (mm: Mm): Step<boolean> => down_write_trylock(mm.mmap_lock, 'mmap_write_trylock(mm)')

export function* mmap_write_unlock(mm: Mm): Steps {
  if (per_vma_lock()) yield* vma_end_write_all(mm)
  yield* up_write(mm.mmap_lock, 'mmap_write_unlock(mm)')
}

export function* mmap_write_downgrade(mm: Mm): Steps {
  if (per_vma_lock()) yield* vma_end_write_all(mm)
  yield* downgrade_write(mm.mmap_lock, 'mmap_write_downgrade(mm)')
}
