import type { ProfileFacts } from '../profile.js'
import { base } from './base.js'

/** An architecture that flushes by IPI and does not free tables by RCU (mips, loongarch, arm without LPAE, sh). */
export const generic: ProfileFacts = {
  ...base,
  name: 'generic',
  title: 'generic: a flush sends IPIs and waits, tables are freed after it, entries are maintained by software',
  pteSpecial: true,
  fastGup: true,
  thp: true,
}

/** The same without ARCH_HAS_PTE_SPECIAL: gup_pte_range() is compiled to fail, huge entries are still followed. */
export const genericNoSpecial: ProfileFacts = {
  ...generic,
  name: 'generic-no-special',
  title: 'generic without PTE_SPECIAL: GUP-fast follows huge entries only',
  pteSpecial: false,
}

/** The same without HAVE_FAST_GUP. */
export const genericNoFastGup: ProfileFacts = {
  ...generic,
  name: 'generic-no-fast-gup',
  title: 'generic without GUP-fast',
  fastGup: false,
}
