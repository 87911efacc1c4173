import type { Change } from './change.js'
import { coreChanges } from './core_changes.js'
import { deviceChanges } from './device_changes.js'
import { fineChanges } from './fine_changes.js'
import { folioChanges } from './folio_changes.js'
import { gpuChanges } from './gpu_changes.js'
import { hugetlbChanges } from './hugetlb_changes.js'
import { lockChanges } from './lock_changes.js'
import { mappingChanges } from './mapping_changes.js'
import { reclaimChanges } from './reclaim_changes.js'
import { tableChanges } from './table_changes.js'
import { vmaLockChanges } from './vma_lock_changes.js'
import { walkerChanges } from './walker_changes.js'

/** Every change that model code asks for, whatever its origin. */
export const changes: readonly Change[] = [
  ...coreChanges, ...reclaimChanges, ...walkerChanges, ...hugetlbChanges, ...lockChanges, ...gpuChanges, ...deviceChanges, ...mappingChanges,
  ...tableChanges, ...vmaLockChanges, ...fineChanges, ...folioChanges,
]

/** The change of this id, or undefined. */
export const changeById = (id: string): Change | undefined => changes.find((change) => change.id === id)
