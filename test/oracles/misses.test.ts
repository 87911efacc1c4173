import { expect, it } from 'vitest'
import { setBits, store } from '../../src/engine/model/step.js'
import { dma_fence_alloc } from '../../src/kernel/drivers/dma_buf/dma_fence.js'
import { gpu_copies, ttm_bo_move_accel } from '../../src/kernel/drivers/ttm/ttm_bo_move_accel.js'
import { dma_write } from '../../src/kernel/drivers/dma.js'
import { ttm_bo_evict } from '../../src/kernel/drivers/ttm/ttm_bo_move.js'
import { gpu_writes, ttm_submit_job } from '../../src/kernel/drivers/ttm/ttm_job.js'
import { userfaultfd_writeprotect } from '../../src/kernel/fs/userfaultfd/userfaultfd_writeprotect.js'
import { PG_locked } from '../../src/kernel/include/page_flags.js'
import type { Page } from '../../src/kernel/include/page.js'
import { folio_lock } from '../../src/kernel/locking/folio_lock.js'
import { alloc_page } from '../../src/kernel/mm/page_alloc.js'
import { copy_page } from '../../src/kernel/mm/copy_page.js'
import { set_page_dirty_lock } from '../../src/kernel/mm/page-writeback/set_page_dirty_lock.js'
import { put_page } from '../../src/kernel/mm/swap/folio_put.js'
import { user_read, user_write } from '../../src/kernel/mm/user/user_access.js'
import type { Steps } from '../../src/engine/model/step.js'
import { _PAGE_RW } from '../../src/machine/pte.js'
import { user_store } from '../../src/machine/user.js'
import type { Setup } from '../../src/race/setup.js'
import { violations } from './verdict.js'

/** The ids of the oracles that fire when a page is used like this after it was freed. */
const after_free = (use: (page: Page, other: Page) => Steps<unknown>): readonly string[] => ids(violations({
  setup: () => ({}),
  cpus: {
    driver: function* () {
      const other = (yield* alloc_page())!
      const page = (yield* alloc_page())!
      yield* put_page(page)
      yield* use(page, other)
    },
  },
}))

const ids = (found: readonly string[]): readonly string[] => [...new Set(found.map((message) => message.split(':')[0]!))]

it.each<[string, (page: Page, other: Page) => Steps<unknown>]>([
  ['flagged', (page) => set_page_dirty_lock(page)],
  ['locked', (page) => folio_lock(page)],
  ['counted', (page) => put_page(page)],
  ['copied', (page, other) => copy_page(other, page)],
  ['written to', (page) => dma_write(page, 5)],
])('a page that is free is %s', (_, use) => expect(after_free(use)).toContain('O2'))

it.each<[string, (page: Page) => Steps<unknown>]>([
  ['locked', (page) => setBits(page.flags, PG_locked)],
  ['in a file', (page) => store(page.mapping, 4)],
  ['mapped', (page) => store(page._mapcount, 0)],
])('a page is freed while it is %s', (_, leave) => {
  expect(violations({
    setup: () => ({}),
    cpus: {
      driver: function* () {
        const page = (yield* alloc_page())!
        yield* leave(page)
        yield* put_page(page)
      },
    },
  }).join()).toMatch(/O13: BUG: Bad page state|O9/)
})

/** A program reads what it wrote, through a private copy that loses it, and writes again: nothing is missing in the end. */
it('a write that is missing is seen by the load that misses it', () => {
  expect(violations({
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1 })
      return { mm, page: k.pageAt(mm, 0) }
    },
    cpus: {
      user: function* ({ mm, page }) {
        yield* user_write(mm, 0, 1)
        yield* store(page.content, 0, { label: 'somebody undoes it' })
        yield* user_read(mm, 0)
        yield* user_write(mm, 0, 2)
      },
    },
  })).toEqual(['O6: a load at address 0 finds 0, the last value written was 1'])
})

/** A buffer object that a program maps, and a job of the GPU that writes to it, which has been submitted. */
const object = (k: Setup) => {
  const mm = k.mm()
  const bo = k.bufferObject(k.driverPage())
  k.mapObject(mm, bo)
  k.write(mm, 0, 0)
  const job = k.call(dma_fence_alloc())
  k.call(ttm_submit_job(bo, job))
  return { mm, bo, to: k.driverPage(), job, move: k.call(dma_fence_alloc()) }
}

/** An object is moved with a write by the GPU on its way, which a program reads afterwards. */
const moved = (by: 'GPU' | 'CPU', apply: readonly string[]): readonly string[] => violations<ReturnType<typeof object>>({
  geometry: { files: 1, pages: 2, fences: 2, tables: 1 },
  setup: object,
  cpus: {
    driver: ({ bo, to, move }) => (by === 'GPU' ? ttm_bo_move_accel(bo, to, move) : ttm_bo_evict(bo, to)),
    ...(by === 'GPU' && { copies: ({ bo, move }) => gpu_copies(bo, move) }),
    GPU: ({ bo, job }) => gpu_writes(bo, job, 1),
    user: ({ mm }) => user_read(mm, 0),
  },
}, { apply })

it.each(['GPU', 'CPU'] as const)('the %s moves an object after all work that uses it', (by) => {
  expect(moved(by, [])).toEqual([])
  expect(ids(moved(by, ['mutant-copy-ignores-fences'])).toSorted()).toEqual(expect.arrayContaining(['O6']))
})

it('a page leaves its file while it is mapped', () => {
  expect(violations({
    geometry: { files: 1 },
    setup: (k) => {
      const { file } = k.shared(k.mm(), { pages: 1 })
      return { file }
    },
    cpus: { driver: ({ file }) => store(file.i_pages[0]!, 0) },
  }).join()).toContain('O15: page')
})

/** A monitor protects a page, and lets go of it again or not; somebody makes the entry writable meanwhile or not. */
const monitored = (lets_go: boolean, loses: boolean): readonly string[] => violations({
  geometry: { userfaultfds: 1 },
  oracles: ['O18'],
  setup: (k) => {
    const mm = k.mm()
    k.userfaultfd(mm, k.anon(mm, { pages: 1 }))
    return { mm, table: k.kernel.tables.objects[0]! }
  },
  cpus: {
    monitor: function* ({ mm, table }) {
      yield* userfaultfd_writeprotect(mm, 0, 1, true)
      if (loses) yield* setBits(table.entries[0]!, _PAGE_RW, { label: 'somebody puts the write bit back' })
      if (lets_go) yield* userfaultfd_writeprotect(mm, 0, 1, false)
      yield* user_store(mm, 0, 1)
    },
  },
}, { arch: 'x86-native' })

it('what a monitor has write-protected is not written to before he lets go of it', () => {
  expect(monitored(true, false)).toEqual([])
  expect(monitored(false, false)).toEqual([])
  expect(monitored(false, true)).toEqual(['O18: CPU A writes to address 0, which is write-protected by a monitor'])
})
