import { holds, race, violates } from 'mmrace'
import { thpCollapse } from './scenes/thp-collapse.js'
import { flushWithoutIpiSince612 } from './scenes/profiles.js'

const BOTH = ['70cbc3cc78a9', '2ba99c5e0881']

export default race({
  name: 'collapse-flush-not-enough',
  title: 'interrupts are off in GUP-fast and IPIs still work: why is the flush of a collapse not enough?',
  seed: 'S1',
  bug: 'B1',
  question: 'Q8',
  references: ['70cbc3cc78a9', '2667f50e8b81 mm: introduce a general RCU get_user_pages_fast()', 'bedf03416913'],
  needs: ['TRANSPARENT_HUGEPAGE', 'HAVE_FAST_GUP', 'ARCH_HAS_PTE_SPECIAL'],
  ...thpCollapse,
  variants: {
    fixed: { expect: holds },
    bug: {
      revert: BOTH,
      expect: violates('O6', flushWithoutIpiSince612),
      because: 'it is enough exactly where the flush sends IPIs and waits for them',
    },
    'radix-with-ipi': {
      revert: [...BOTH, 'bedf03416913'],
      expect: violates('O6', ['x86-pv', 'arm64', 'arm64-sw-dirty', 's390', 'riscv64', 'riscv64-svrsw60t59b']),
      because: 'the IPI that radix sent in pmdp_collapse_flush() until 6.1 made up for its flush',
    },
  },
})
