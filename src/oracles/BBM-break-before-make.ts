import { word_pfn } from '../machine/pte.js'
import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'

/** A lint more than an oracle: what Arm demands before an entry may map another page. For machines with TLBs. */
export const BBM: Oracle = {
  id: 'BBM',
  name: ORACLE_NAMES.BBM,
  lint: true,
  text: `An entry is put into the tables for another page while a CPU may still hold the old one, and one of the two is
writable or their contents differ. Arm wants an invalid entry and a flush in between (break-before-make); without them a
CPU may use either page, or raise a TLB conflict. Only on profiles with that rule. Linux does it where a page is touched
while MADV_DONTNEED has cleared its entry and not flushed yet: the program cannot tell which page it got.`,
  install({ machine: { profile, tlb } }) {
    if (!profile.breakBeforeMake) return undefined
    tlb?.replaceHooks.push((m, agent, va, held, word) => {
      m.violate('BBM', `address ${va} leads to page ${word_pfn(word)} while ${agent.name} may hold page ${word_pfn(held)}`)
    })
    return undefined
  },
}
