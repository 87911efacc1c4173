import {
  byKernel, holds, MADV, migrate_device_finalize, migrate_vma_setup, MIGRATE_VMA_SELECT_SYSTEM, mmap_read_lock, mmap_read_unlock, race, reach,
  sys_madvise, violates,
} from 'mmrace'
import { PT_RECLAIM } from './scenes/table-reclaim.js'

export default race({
  name: 'migrate-vma-split-vs-table-free',
  title: 'a migration to a device starts again after a split, and the page table is gone: from where?',
  seed: 'S2',
  references: [
    'mm/migrate_device.c:migrate_vma_collect_pmd of 7.3: goto again, then migrate_vma_collect_huge_pmd(pmdp, start, end)',
    'mm/pt_reclaim.c:try_to_free_pte of 7.3',
  ],
  needs: ['ZONE_DEVICE', 'PT_RECLAIM'],
  geometry: { pages: 3, hugePages: 1, tables: 3 },
  setup: (k) => {
    const mm = k.mm()
    const vma = k.huge(mm)
    k.call(sys_madvise(mm, 0, 1, MADV.DONTNEED))
    k.write(mm, 0, 0)
    return { mm, args: { mm, vma, start: 0, end: 2, owner: mm, flags: MIGRATE_VMA_SELECT_SYSTEM } }
  },
  cpus: {
    migrate: function* ({ mm, args }) {
      yield* mmap_read_lock(mm)
      const src = yield* migrate_vma_setup(args)
      yield* migrate_device_finalize(src!, src!.map(() => 0))
      yield* mmap_read_unlock(mm)
      yield* reach('collected')
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.DONTNEED)
      yield* reach('zapped')
    },
  },
  sometimes: ['collected', 'zapped'],
  oracles: ['O2', 'O9', 'O13'],
  variants: {
    fixed: {
      expect: byKernel({ '6.1': holds, '7.3': violates('O13', 'all') }),
      because: 'until 7.3 a walk that has come to something does not start again',
    },
    bug: {
      apply: [...PT_RECLAIM, 'migrate-thp'],
      expect: violates('O13', 'all'),
      because: 'all of the range is taken for a hole, after elements of its beginning have been written: there are more than the caller has room for',
    },
    'restarts-here': { apply: [...PT_RECLAIM, 'migrate-thp', 'collect-restarts-here'], expect: holds, because: 'the hole begins where the walk was' },
    'tables-stay': { revert: ['pt-reclaim'], apply: ['migrate-thp'], expect: holds, because: 'with page tables that stay the walk goes on where it was' },
  },
})
