import { dma_read, dma_write } from '../../kernel/drivers/dma.js'
import { FOLL_FORCE, FOLL_LONGTERM, FOLL_WRITE } from '../../kernel/include/gup_flags.js'
import { mmget_not_zero } from '../../kernel/mm/fork/mm_count.js'
import { mmput } from '../../kernel/mm/fork/mmput.js'
import { dup_mm } from '../../kernel/mm/fork/mm_lifetime.js'
import { put_user_page } from '../../kernel/mm/gup/put_user_page.js'
import { unpin_user_page } from '../../kernel/mm/gup/unpin_user_page.js'
import {
  get_user_pages_fast, get_user_pages_unlocked, pin_user_pages_fast, pin_user_pages_fast_only, pin_user_pages_unlocked,
} from '../../kernel/mm/gup/user_pages.js'
import { sys_munmap } from '../../kernel/mm/mmap/munmap.js'
import { set_page_dirty_lock } from '../../kernel/mm/page-writeback/set_page_dirty_lock.js'
import { user_write } from '../../kernel/mm/user/user_access.js'
import { operation } from '../operation.js'

/** Devices and the kernel itself get hold of pages of the process. */
export const pinOperations = [
  operation({
    name: 'fast pin', needs: ['mm'], on: ['anon', 'huge', 'hugetlb', 'dax', 'device'], by: 'mm',
    run: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast_only(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* dma_write(page, 4)
      yield* unpin_user_page(page)
    },
  }),
  operation({
    name: 'pin', needs: ['mm'], on: ['anon', 'huge', 'hugetlb', 'dax', 'device'], by: 'mm',
    run: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* dma_write(page, 4)
      yield* unpin_user_page(page)
    },
  }),
  operation({
    name: 'pin second page', needs: ['mm'], on: ['anon', 'huge', 'hugetlb', 'dax', 'device'], by: 'mm',
    run: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 1, 1, FOLL_WRITE)
      if (!page) return
      yield* dma_write(page, 4)
      yield* unpin_user_page(page)
    },
  }),
  operation({
    name: 'read-only pin', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, 0)
      if (!page) return
      yield* dma_read(page)
      yield* unpin_user_page(page)
    },
  }),
  operation({
    name: 'pin and dirty', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* dma_write(page, 4)
      yield* set_page_dirty_lock(page)
      yield* unpin_user_page(page)
    },
  }),
  operation({
    name: 'fast pin and dirty', needs: ['mm'], on: ['shared'], by: 'mm',
    run: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast_only(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* dma_write(page, 4)
      yield* set_page_dirty_lock(page)
      yield* unpin_user_page(page)
    },
  }),
  operation({
    name: 'long-term pin', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      const [page] = yield* pin_user_pages_unlocked(mm, 0, 1, FOLL_WRITE | FOLL_LONGTERM)
      if (!page) return
      yield* dma_write(page, 4)
      yield* set_page_dirty_lock(page)
      yield* unpin_user_page(page)
    },
  }),
  operation({
    name: 'forced pin', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      const [page] = yield* pin_user_pages_unlocked(mm, 0, 1, FOLL_WRITE | FOLL_FORCE)
      if (!page) return
      yield* dma_write(page, 4)
      yield* set_page_dirty_lock(page)
      yield* unpin_user_page(page)
    },
  }),
  operation({
    name: 'ptrace', needs: ['mm'],
    run: function* ({ mm }) {
      if (!(yield* mmget_not_zero(mm))) return
      const [page] = yield* get_user_pages_unlocked(mm, 0, 1, FOLL_WRITE | FOLL_FORCE)
      if (page) {
        yield* dma_write(page, 4)
        yield* set_page_dirty_lock(page)
        yield* put_user_page(page)
      }
      yield* mmput(mm)
    },
  }),
  operation({
    name: 'direct IO', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      const [page] = yield* get_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* dma_write(page, 4)
      yield* set_page_dirty_lock(page)
      yield* put_user_page(page)
    },
  }),
  operation({
    name: 'pin fork write', needs: ['mm'], by: 'mm', user: true,
    run: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* dup_mm(mm)
      yield* user_write(mm, 0, 2)
      yield* dma_write(page, 4)
      yield* set_page_dirty_lock(page)
      yield* unpin_user_page(page)
    },
  }),
  operation({
    name: 'read-only fast pin fork write', needs: ['mm'], by: 'mm', user: true,
    run: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast_only(mm, 0, 1, 0)
      if (!page) return
      yield* dup_mm(mm)
      yield* user_write(mm, 0, 2)
      yield* dma_read(page)
      yield* unpin_user_page(page)
    },
  }),
  operation({
    name: 'pin munmap', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      yield* sys_munmap(mm, 0, 1)
      if (!page) return
      yield* dma_write(page, 4)
      yield* set_page_dirty_lock(page)
      yield* unpin_user_page(page)
    },
  }),
  operation({
    name: 'child splices', needs: ['child'], by: 'child',
    run: function* ({ child }) {
      const [page] = yield* get_user_pages_unlocked(child, 0, 1, 0)
      if (!page) return
      yield* sys_munmap(child, 0, 1)
      yield* dma_read(page)
      yield* put_user_page(page)
    },
  }),
]
