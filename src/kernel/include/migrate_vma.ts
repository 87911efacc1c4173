import type { Mm } from './mm.js'
import type { Page } from './page.js'
import type { Vma } from './vma.js'

/* Elements of the src and dst arrays of migrate_vma (include/linux/migrate.h): flags, and a page frame number above. */
export const MIGRATE_PFN_VALID = 1
export const MIGRATE_PFN_MIGRATE = 2
export const MIGRATE_PFN_WRITE = 8
const MIGRATE_PFN_SHIFT = 6

export const migrate_pfn = (pfn: number): number => (pfn << MIGRATE_PFN_SHIFT) | MIGRATE_PFN_VALID
/** 0 for none. */
export const migrate_pfn_to_pfn = (mpfn: number): number => (mpfn & MIGRATE_PFN_VALID ? mpfn >>> MIGRATE_PFN_SHIFT : 0)

/** enum migrate_vma_direction: which pages to collect. */
export const MIGRATE_VMA_SELECT_SYSTEM = 1
export const MIGRATE_VMA_SELECT_DEVICE_PRIVATE = 2
export const MIGRATE_VMA_SELECT_DEVICE_COHERENT = 4

/** struct migrate_vma: what a driver wants to migrate. Its arrays are arguments and results here. */
export interface MigrateVma {
  readonly mm: Mm
  readonly vma: Vma
  readonly start: number
  readonly end: number
  /** The device whose pages may be collected, and which need not be told (pgmap_owner). */
  readonly owner: object
  /** MIGRATE_VMA_SELECT_… */
  readonly flags: number
  /** The page that the fault handler holds a reference to. */
  readonly fault_page?: Page
}
