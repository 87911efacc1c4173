import { ipi_flush } from '../flush/ipi-flush.js'
import type { Profile } from '../profile.js'
import { load_tables } from '../switch-mm.js'
import { no_step } from '../entry.js'
import { x86Pae } from './x86-pae.js'

/** An architecture that flushes by IPI and does not free tables by RCU (mips, loongarch, arm without LPAE, sh). */
export const generic: Profile = {
  ...x86Pae,
  name: 'generic',
  title: 'generic: a flush sends IPIs and waits, tables are freed after it, entries are maintained by software',
  flush: ipi_flush,
  tornEntries: false,
  moveTables: false,
  softDirty: false,
  mergeVmas: false,
  switch_mm_irqs_off: load_tables,
  enter_lazy_tlb: no_step,
  batchedUnmapFlush: undefined,
  invalidateAdFlushes: true,
  hardwareAccessed: false,
  hardwareDirty: false,
  walkCaches: false,
  accessibleWhileFlushPending: false,
  spuriousFaultFlushes: true,
}

/** The same without ARCH_HAS_PTE_SPECIAL: gup_pte_range() is compiled to fail, huge entries are still followed. */
export const genericNoSpecial: Profile = {
  ...generic,
  name: 'generic-no-special',
  title: 'generic without PTE_SPECIAL: GUP-fast follows huge entries only',
  pteSpecial: false,
}

/** The same without HAVE_FAST_GUP. */
export const genericNoFastGup: Profile = {
  ...generic,
  name: 'generic-no-fast-gup',
  title: 'generic without GUP-fast',
  fastGup: false,
}
