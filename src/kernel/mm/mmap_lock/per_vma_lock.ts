import { has, kernel } from '../../kernel.js'

/** CONFIG_PER_VMA_LOCK: faults take the lock of a VMA, and the mmap_lock only if they cannot have that. */
export const per_vma_lock = (): boolean => has('per-vma-lock') && kernel().profile.perVmaLock
