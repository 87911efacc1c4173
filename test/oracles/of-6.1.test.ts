import { expect, it } from 'vitest'
import { dma_write } from '../../src/kernel/drivers/dma.js'
import { dmirror_migrate_to_device } from '../../src/kernel/drivers/test_hmm/dmirror_migrate.js'
import { dax_writeback_mapping_range } from '../../src/kernel/fs/dax/dax_writeback_mapping_range.js'
import { ext4_truncate } from '../../src/kernel/fs/dax/ext4_truncate.js'
import { FOLL_WRITE } from '../../src/kernel/include/gup_flags.js'
import { unpin_user_page } from '../../src/kernel/mm/gup/unpin_user_page.js'
import { pin_user_pages_fast } from '../../src/kernel/mm/gup/user_pages.js'
import { sys_move_pages } from '../../src/kernel/mm/migrate/move_pages.js'
import { user_write } from '../../src/kernel/mm/user/user_access.js'
import { task_numa_work } from '../../src/kernel/sched/task_numa_work.js'
import { violations } from './verdict.js'

/** Bugs that 6.1.192 has as it was released, and the commits that mend them. */

it('truncation passes over an entry that fsync() has locked (6be3e21d25ca, 6.15)', () => {
  const found = (kernel: '6.1' | '7.2'): readonly string[] => violations({
    geometry: { files: 1, fsdax: 2, tables: 1 },
    setup: (k) => {
      const mm = k.mm()
      const { inode, mapping } = k.daxFile()
      k.mapDaxFile(mm, mapping)
      k.write(mm, 0, 1)
      return { mm, inode, mapping }
    },
    cpus: {
      truncate: ({ inode }) => ext4_truncate(inode),
      fsync: ({ mapping }) => dax_writeback_mapping_range(mapping),
      device: function* ({ mm }) {
        const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
        if (!page) return
        yield* dma_write(page, 2)
        yield* unpin_user_page(page)
      },
    },
  }, { kernel })
  expect(found('6.1').join()).toContain('O15')
  expect(found('7.2')).toEqual([])
})

it('test_hmm reads a page that a fault frees meanwhile: the entry is erased without the mutex', () => {
  expect(violations({
    geometry: { mirrors: 1, devicePrivate: 1, pages: 4 },
    oracles: ['O2'],
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1 })
      return { mm, mirror: k.deviceMemory(mm) }
    },
    cpus: { device: ({ mm, mirror }) => dmirror_migrate_to_device(mirror, mm, 0, 1), user: ({ mm }) => user_write(mm, 0, 1) },
  }).join()).toMatch(/O2: page \d+ is read, and it is free/)
})

it('the NUMA scanner takes a huge page that migrates for a bad entry (670ddd8cdcbd, 6.5)', () => {
  const found = (kernel: '6.1' | '6.12'): readonly string[] => violations({
    geometry: { nodes: 2, hugePages: 1, tables: 2 },
    setup: (k) => {
      const mm = k.mm()
      k.huge(mm)
      return { mm }
    },
    cpus: { scanner: ({ mm }) => task_numa_work(mm), migration: ({ mm }) => sys_move_pages(mm, 0, 1, 1) },
  }, { kernel })
  expect(found('6.1').join()).toContain('O13: bad pmd')
  expect(found('6.12')).toEqual([])
})
