import { holds, pin_user_pages_fast_only, race, violates } from 'mmrace'
import { forkVsPin } from './scenes/fork-vs-pin.js'
import { withFastGupSince612 } from './scenes/profiles.js'

export default race({
  name: 'gup-fast-vs-fork',
  title: 'GUP-fast pins a page while fork() is about to share it',
  bug: 'D5',
  references: ['57efa1fe5957 mm/gup: prevent gup_fast from racing with COW during fork', 'f3c64eda3e50'],
  litmus: ['d5-fork-early-wrprotect-vs-gup-fast', 'd5-fork-seqcount-vs-gup-fast'],
  needs: ['HAVE_FAST_GUP', 'ARCH_HAS_PTE_SPECIAL'],
  ...forkVsPin(pin_user_pages_fast_only),
  variants: {
    fixed: { expect: holds, because: 'a walk that sees write_protect_seq odd or changed gives its pins up' },
    bug: {
      revert: ['57efa1fe5957'],
      expect: violates('O5', withFastGupSince612),
      because: 'the pin comes after fork() has looked for pins and before the entry is write-protected',
    },
    'announced-late': { apply: ['mutant-seqcount-late'], expect: violates('O5', withFastGupSince612) },
    'flag-late': { apply: ['mutant-has-pinned-late'], expect: violates('O5', withFastGupSince612) },
  },
})
