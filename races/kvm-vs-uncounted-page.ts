import { guest_write, holds, race, reach, user_write, violates } from 'mmrace'

export default race({
  name: 'kvm-vs-uncounted-page',
  title: 'a guest uses a page of a PFN mapping, to which nobody counts references',
  seed: 'S0',
  references: ['f8be156be163 KVM: do not allow mapping valid but non-reference-counted pages', 'CVE-2021-22543'],
  tlb: true,
  geometry: { files: 1, pages: 0, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const bo = k.bufferObject(k.driverTailPage())
    k.mapObject(mm, bo)
    return { mm, mmu: k.secondaryMmu(mm) }
  },
  cpus: {
    guest: function* ({ mm, mmu }) {
      yield* guest_write(mmu, mm, 0, 1)
      yield* reach('guest went on')
    },
    user: function* ({ mm }) {
      yield* user_write(mm, 0, 2)
      yield* reach('written')
    },
  },
  sometimes: ['guest went on', 'written'],
  oracles: ['O2', 'O9', 'O10', 'O12', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'a page with no reference is nobody\'s, or nobody counts: KVM does not take it' },
    bug: {
      revert: ['f8be156be163'],
      expect: violates('O2', 'all'),
      because: 'the reference that KVM takes is the first, and the last when it drops it: that frees the driver\'s page',
    },
    'result-ignored': {
      apply: ['mutant-kvm-maps-without-reference'],
      expect: violates('O9', 'all'),
      because: 'a reference is dropped that nobody took',
    },
  },
})
