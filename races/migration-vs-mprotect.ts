import { holds, race, reach, sys_move_pages, sys_mprotect, user_store, violates, VM_READ } from 'mmrace'

export default race({
  name: 'migration-vs-mprotect',
  title: 'mprotect() finds the migration entry of a page that was writable',
  seed: 'S2',
  references: ['mm/mprotect.c:change_pte_range', 'mm/migrate.c:remove_migration_pte'],
  tlb: true,
  geometry: { nodes: 2, pages: 3, vmas: 3 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm }
  },
  cpus: {
    migration: function* ({ mm }) {
      yield* sys_move_pages(mm, 0, 1, 1)
      yield* reach('migration done')
    },
    mprotect: function* ({ mm }) {
      yield* sys_mprotect(mm, 0, 1, VM_READ)
      if (!(yield* user_store(mm, 0, 1))) yield* reach('read-only')
    },
  },
  sometimes: ['migration done', 'read-only'],
  variants: {
    fixed: { expect: holds, because: 'the entry loses its permission, and the page gets none that the VMA does not have' },
    bug: {
      apply: ['mutant-mprotect-skips-migration', 'mutant-restore-ignores-vma'],
      expect: violates('O8', 'all'),
      because: 'the page comes back writable, and stays so, in a mapping that is read-only',
    },
    'entry-skipped': { apply: ['mutant-mprotect-skips-migration'], expect: holds, because: 'either step is enough' },
    'vma-ignored': { apply: ['mutant-restore-ignores-vma'], expect: holds, because: 'either step is enough' },
  },
})
