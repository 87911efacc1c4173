import { byKernel, holds, MADV, race, reach, reclaim_folio, sys_madvise, sys_mprotect, user_write, violates, VM_READ } from 'mmrace'

/** Where reclaim puts flushes off (ARCH_WANT_BATCHED_UNMAP_TLB_FLUSH): arm64 and riscv do since 6.6 and 6.9. */
const X86 = ['x86-native', 'x86-pv', 'x86-pae', 'x86-invlpgb']
const DEFERRING = byKernel({
  '6.1': violates('O1', X86),
  '6.12': violates('O1', [...X86, 'arm64', 'arm64-sw-dirty', 'riscv64', 'riscv64-svrsw60t59b']),
})

export default race({
  name: 'reclaim-vs-mprotect',
  title: 'reclaim has cleared an entry and put its flush off: mprotect finds nothing to protect',
  bug: 'A1',
  references: ['3ea277194daa mm, mprotect: flush TLB if potentially racing with a parallel reclaim leaving stale TLB entries'],
  tlb: true,
  geometry: { files: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 1 })
    k.call(sys_madvise(mm, 0, 1, MADV.COLD))
    return { mm, page: k.page(file, 0) }
  },
  cpus: {
    reclaim: function* ({ page }) {
      yield* reclaim_folio(page)
      if (!(yield* reclaim_folio(page))) yield* reach('dirty page stays')
    },
    mprotect: function* ({ mm }) {
      yield* sys_mprotect(mm, 0, 1, VM_READ)
      yield* reach('protected')
    },
    user: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
      else yield* reach('signal')
    },
  },
  sometimes: ['dirty page stays', 'protected', 'written', 'signal'],
  oracles: ['O1', 'O2', 'O7', 'O9', 'O13', 'O14'],
  variants: {
    fixed: { expect: holds, because: 'whoever takes the page-table lock makes good for what reclaim has put off' },
    bug: {
      revert: ['3ea277194daa'],
      expect: DEFERRING,
      because: 'an entry that is none needs no flush, so mprotect returns without one',
    },
    'look-unlocked': { apply: ['mutant-batched-look-unlocked'], expect: DEFERRING },
  },
})
