import { holds, race, reach, sys_move_pages, task_numa_work, user_read, user_store, violates } from 'mmrace'

/** Where pte_accessible() asks whether hardware can use an entry. */
const ASKED = ['x86-native', 'x86-pv', 'arm64', 'arm64-sw-dirty', 'loongarch64']

export default race({
  name: 'numa-scan-vs-migration',
  title: 'a page migrates on a NUMA hint whose flush is still to come: a store through the old entry is lost',
  bug: 'A-20841405940e',
  references: ['20841405940e mm: fix TLB flush race between migration, and change_protection_range'],
  tlb: true,
  geometry: { nodes: 2, pages: 2 },
  needs: ['ARCH_SUPPORTS_NUMA_BALANCING'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    k.call(sys_move_pages(mm, 0, 1, 1))
    return { mm }
  },
  cpus: {
    scan: function* ({ mm }) {
      yield* task_numa_work(mm)
      yield* reach('scanned')
    },
    fault: function* ({ mm }) {
      if ((yield* user_read(mm, 0)) !== undefined) yield* reach('read')
    },
    user: function* ({ mm }) {
      if (yield* user_store(mm, 0, 1)) yield* reach('written')
      else yield* reach('fault')
    },
  },
  sometimes: ['scanned', 'read', 'written', 'fault'],
  oracles: ['O1', 'O2', 'O6', 'O9', 'O13', 'O14'],
  variants: {
    fixed: { expect: holds, because: 'the gather of the scanner says that a flush is to come, and the migration makes it' },
    bug: {
      revert: ['20841405940e'],
      expect: violates('O6', ASKED),
      because: 'an entry with a hint looks as if no CPU could have it in its TLB',
    },
    'announced-late': { apply: ['mutant-flush-pending-late'], expect: violates('O6', ASKED) },
  },
})
