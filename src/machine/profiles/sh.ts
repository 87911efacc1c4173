import type { ProfileFacts } from '../profile.js'
import { base } from './base.js'

/** SuperH: in 7.3 the last one whose GUP-fast rests on the IPI of a flush. `arch/sh/Kconfig`, `arch/sh/kernel/smp.c:flush_tlb_mm`. */
export const sh: ProfileFacts = {
  ...base,
  name: 'sh',
  title: 'sh: a flush sends IPIs and waits, tables are freed after it, there are no huge pages',
  pteSpecial: true,
  presentIsPermitted: false,
  fastGup: true,
}
