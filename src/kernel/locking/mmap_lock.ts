import type { Step, Steps } from '../../engine/model/step.js'
import type { Mm } from '../include/mm.js'
import { down_read, down_read_trylock, down_write, down_write_trylock, up_read, up_write } from './rwsem.js'

export const mmap_read_lock = (mm: Mm): Step<void> => down_read(mm.mmap_lock, 'mmap_read_lock(mm)')
export const mmap_read_trylock = (mm: Mm): Step<boolean> => down_read_trylock(mm.mmap_lock, 'mmap_read_trylock(mm)')
export const mmap_read_unlock = (mm: Mm): Step => up_read(mm.mmap_lock, 'mmap_read_unlock(mm)')
export const mmap_write_lock = (mm: Mm): Steps => down_write(mm.mmap_lock, 'mmap_write_lock(mm)')
export const mmap_write_lock_nested = (mm: Mm, subclass: number): Steps => down_write(mm.mmap_lock, 'mmap_write_lock(mm)', subclass)
export const mmap_write_trylock = (mm: Mm): Step<boolean> => down_write_trylock(mm.mmap_lock, 'mmap_write_trylock(mm)')
export const mmap_write_unlock = (mm: Mm): Step<unknown> => up_write(mm.mmap_lock, 'mmap_write_unlock(mm)')
