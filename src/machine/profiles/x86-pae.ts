import type { ProfileFacts } from '../profile.js'
import { x86Native } from './x86-native.js'

/** x86-32 with PAE: 64-bit entries in 32-bit halves. `GUP_GET_PTE_LOW_HIGH`; the other facts `select ... if X86_64`. */
export const x86Pae: ProfileFacts = {
  ...x86Native,
  name: 'x86-pae',
  title: 'x86-32 with PAE: as x86-native, and an entry is read as two halves',
  tornEntries: true,
  pteDevmap: false,
  thpMigration: false,
  thpSwap: false,
  hugePmdShare: false,
  numaBalancing: false,
  softDirty: false,
  userfaultfdWp: false,
}
