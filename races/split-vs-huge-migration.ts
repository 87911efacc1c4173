import { byKernel, deferred_split_scan, holds, MADV, race, reach, sys_madvise, sys_move_pages, violates } from 'mmrace'

/** Where a huge page migrates with its huge entry (ARCH_ENABLE_THP_MIGRATION), not in small parts. */
const withHugeMigration = ['x86-native', 'x86-pv', 'x86-invlpgb', 'arm64', 'arm64-sw-dirty', 'ppc64-radix', 'ppc64-hash', 'riscv64', 'loongarch64']

export default race({
  name: 'split-vs-huge-migration',
  title: 'a huge page is split, and where a relative of its owner might map it another one is being migrated',
  references: ['be6e843fc51a mm/huge_memory: fix dereferencing invalid pmd migration entry', 'CVE-2025-37958'],
  geometry: { mms: 2, nodes: 2, hugePages: 2, pages: 2, tables: 4, vmas: 2, anonVmas: 2, anonVmaChains: 3 },
  needs: ['ARCH_SUPPORTS_NUMA_BALANCING', 'TRANSPARENT_HUGEPAGE'],
  setup: (k) => {
    const parent = k.mm('mover')
    k.huge(parent)
    const child = k.fork(parent, 'shrinker')
    k.call(sys_madvise(parent, 0, 2, MADV.DONTNEED))
    k.write(parent, 0, 1)
    k.call(sys_madvise(child, 1, 1, MADV.DONTNEED))
    return { parent }
  },
  cpus: {
    mover: function* ({ parent }) {
      yield* sys_move_pages(parent, 0, 1, 1)
      yield* reach('migrated')
    },
    shrinker: function* () {
      if (yield* deferred_split_scan()) yield* reach('split')
    },
  },
  sometimes: ['migrated', 'split'],
  variants: {
    fixed: { expect: holds, because: 'who has locked the folio to be split knows that it does not migrate' },
    bug: {
      revert: ['be6e843fc51a'],
      expect: byKernel({ '6.1': violates('O13', withHugeMigration), '7.2': holds }),
      because: 'the number of a page is read out of an entry that has it in another place; since 7.0 only entries that map the folio are looked at',
    },
    'looks-early': {
      apply: ['mutant-split-looks-early'],
      expect: holds,
      because: 'no migration comes between the look and the lock: its walk and the split want the lock of the same anon_vma; what is seen early is seen late',
    },
  },
})
