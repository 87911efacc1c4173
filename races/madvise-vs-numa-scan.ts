import { holds, MADV, race, reach, sys_madvise, task_numa_work, violates } from 'mmrace'

/** Where NUMA balancing meets huge pages. On s390 these cannot move as such, and since 5.14 get no hints. */
const AFFECTED = ['x86-native', 'x86-pv', 'arm64', 'arm64-sw-dirty', 'ppc64-radix', 'ppc64-hash', 'riscv64', 'loongarch64']

export default race({
  name: 'madvise-vs-numa-scan',
  title: 'MADV_DONTNEED steps over a huge entry that the NUMA scanner has just taken out to change it',
  bug: 'E2',
  references: ['ced108037c2a thp: fix MADV_DONTNEED vs. numa balancing race', '58ceeb6bec86', '5b7abeae3af8'],
  tlb: true,
  needs: ['TRANSPARENT_HUGEPAGE'],
  setup: (k) => {
    const mm = k.mm()
    k.huge(mm)
    return { mm }
  },
  cpus: {
    numa: function* ({ mm }) {
      yield* task_numa_work(mm)
      yield* reach('scanned')
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.DONTNEED)
      yield* reach('unmapped')
    },
  },
  sometimes: ['scanned', 'unmapped'],
  variants: {
    fixed: { expect: holds, because: 'the entry is invalid for the hardware, and never none' },
    bug: {
      revert: ['ced108037c2a'],
      expect: violates('O1', AFFECTED),
      because: 'the entry comes back after MADV_DONTNEED has looked',
    },
    'until-5.14': {
      revert: ['ced108037c2a', 'e346e6688c4a'],
      expect: violates('O1', [...AFFECTED, 's390']),
      because: 'the scanner did not ask whether huge pages can be moved',
    },
    'set-unlocked': { apply: ['mutant-hint-set-unlocked'], expect: violates('O9', AFFECTED), because: 'the page is gone that the entry leads to' },
  },
})
