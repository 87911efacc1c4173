import {
  byKernel, dup_mm, holds, MADV, migrate_device_finalize, migrate_vma_setup, MIGRATE_VMA_SELECT_SYSTEM, mmap_read_lock, mmap_read_unlock, race,
  reach, sys_madvise, user_read, violates,
} from 'mmrace'
import { deviceMemoryFlushedLater } from './scenes/profiles.js'

/** Of those with device memory on any kernel: where an entry is changed first and flushed later. */
const FLUSHED_LATER = [...deviceMemoryFlushedLater, 'x86-invlpgb', 'riscv64', 'riscv64-svrsw60t59b', 'loongarch64']

export default race({
  name: 'migrate-vma-split-vs-madvise',
  title: 'a migration to a device drops the lock to split a folio: has it flushed what it cleared before?',
  seed: 'S2',
  references: ['mm/migrate_device.c:migrate_vma_collect_pmd of 7.3: pte_unmap_unlock(), migrate_vma_split_folio(), goto again'],
  needs: ['ZONE_DEVICE'],
  tlb: true,
  geometry: { pages: 2, hugePages: 1, mms: 2, tables: 2 },
  setup: (k) => {
    const mm = k.mm()
    const vma = k.huge(mm)
    k.call(sys_madvise(mm, 0, 1, MADV.DONTNEED))
    k.write(mm, 0, 0)
    k.call(dup_mm(mm))
    k.callOn('user', user_read(mm, 0))
    return { mm, args: { mm, vma, start: 0, end: 2, owner: mm, flags: MIGRATE_VMA_SELECT_SYSTEM } }
  },
  cpus: {
    migrate: function* ({ mm, args }) {
      yield* mmap_read_lock(mm)
      const src = yield* migrate_vma_setup(args)
      yield* migrate_device_finalize(src!, [0, 0])
      yield* mmap_read_unlock(mm)
      yield* reach('collected')
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('zapped')
    },
    user: ({ mm }) => user_read(mm, 0),
  },
  sometimes: ['collected', 'zapped'],
  oracles: ['O1', 'O2', 'O13'],
  variants: {
    fixed: {
      expect: byKernel({ '6.1': holds, '7.3': violates('O1', FLUSHED_LATER) }),
      because: 'until 7.3 large folios are left alone, and the lock is held until the flush',
    },
    bug: {
      apply: ['migrate-thp'],
      expect: violates('O1', FLUSHED_LATER),
      because: 'MADV_DONTNEED finds a migration entry, for which there is nothing to flush, and returns',
    },
    'flushes-first': { apply: ['migrate-thp', 'collect-flushes-before-gap'], expect: holds, because: 'nobody has the old page in a TLB when the lock is dropped' },
  },
})
