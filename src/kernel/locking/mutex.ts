import type { Cell } from '../../engine/model/memory.js'
import type { Step, Steps } from '../../engine/model/step.js'
import { spin_lock, spin_trylock, spin_unlock } from './spinlock.js'

/*
 * kernel/locking/mutex.c. What a mutex adds to a spinlock is that its holder may sleep, which nobody can see from
 * outside. 0 free, 1 held.
 */

export const mutex_lock = (lock: Cell, label = 'mutex_lock(lock)'): Step<void> => spin_lock(lock, label)

export const mutex_trylock = (lock: Cell, label = 'mutex_trylock(lock)'): Steps<boolean> => spin_trylock(lock, label)

export const mutex_unlock = (lock: Cell, label = 'mutex_unlock(lock)'): Step<void> => spin_unlock(lock, label)
