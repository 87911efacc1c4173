import { expect, it } from 'vitest'
import { FOLL_LONGTERM, FOLL_WRITE } from '../../src/kernel/include/gup_flags.js'
import { pin_user_pages } from '../../src/kernel/mm/gup/get_user_pages.js'
import { unpin_user_page } from '../../src/kernel/mm/gup/unpin_user_page.js'
import { sys_mmap } from '../../src/kernel/mm/mmap/mmap_region.js'
import { sys_munmap } from '../../src/kernel/mm/mmap/munmap.js'
import { System } from './system.js'

/** One ordinary page, which address 0 has, and one of CMA, which is all that is left for address 1. */
const inCma = (): System => {
  const s = new System({ pages: 1, cmaPages: 1, hugePages: 0 })
  s.call(sys_mmap(s.mm, 0, 2, 3, false))
  s.write(0, 4)
  s.write(1, 5)
  expect([0, 1].map((address) => s.kernel.memory.cma.has(s.page(address)!))).toEqual([false, true])
  return s
}

it('a long-term pin moves a page out of CMA', () => {
  const s = inCma()
  s.call(sys_munmap(s.mm, 0, 1))
  const { pages: [page] } = s.call(pin_user_pages(s.mm, 1, 1, FOLL_WRITE | FOLL_LONGTERM))
  expect([page, s.kernel.memory.cma.has(page!), s.value(1)]).toEqual([s.page(1), false, 5])
  s.call(unpin_user_page(page!))
})

it('a long-term pin fails when there is nowhere to move to, a short one does not ask', () => {
  const s = inCma()
  const page = s.page(1)
  expect(s.call(pin_user_pages(s.mm, 1, 1, FOLL_WRITE | FOLL_LONGTERM))).toMatchObject({ pages: [], done: 0, error: -12 })
  expect(s.call(pin_user_pages(s.mm, 1, 1, FOLL_WRITE)).pages).toEqual([page])
  expect([s.page(1), s.value(1)]).toEqual([page, 5])
})
