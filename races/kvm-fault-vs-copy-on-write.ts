import { dup_mm, guest_read, holds, race, reach, user_write, violates } from 'mmrace'

export default race({
  name: 'kvm-fault-vs-copy-on-write',
  title: 'copy-on-write replaces a page that a guest reads: is change_pte enough?',
  seed: 'S3',
  references: ['mm/memory.c:wp_page_copy', 'include/linux/mmu_notifier.h:set_pte_at_notify'],
  geometry: { mms: 2, vmas: 4, anonVmas: 2, anonVmaChains: 4, tables: 4 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    k.call(dup_mm(mm))
    return { mm, mmu: k.secondaryMmu(mm) }
  },
  cpus: {
    guest: function* ({ mm, mmu }) {
      if ((yield* guest_read(mmu, mm, 0)) === 1) yield* reach('new page')
      else yield* reach('old page')
    },
    user: function* ({ mm }) {
      yield* user_write(mm, 0, 1)
    },
  },
  sometimes: ['new page', 'old page'],
  oracles: ['O2', 'O9', 'O10', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'told before the entry is cleared, and after the new one is there' },
    'change-pte-alone': {
      apply: ['mutant-change-pte-alone'],
      expect: violates('O10', 'all'),
      because: 'it tells of the new entry, not that the old one was cleared; nothing keeps the guest from mapping the old page',
    },
    'no-retry': { apply: ['kvm-no-retry'], expect: violates('O10', 'all'), because: 'the page was looked up before it was replaced' },
  },
})
