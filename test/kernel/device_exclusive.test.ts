import { describe, expect, it } from 'vitest'
import { dmirror_atomic_inc, dmirror_exclusive } from '../../src/kernel/drivers/test_hmm/dmirror_exclusive.js'
import { dmirror_fops_open } from '../../src/kernel/drivers/test_hmm/dmirror_fops.js'
import { hmm_dmirror_init } from '../../src/kernel/drivers/test_hmm/hmm_dmirror_init.js'
import type { Page } from '../../src/kernel/include/page.js'
import { PG_locked } from '../../src/kernel/include/page_flags.js'
import { pte_present, pte_write } from '../../src/kernel/include/pgtable.js'
import { is_device_exclusive_entry, SWP, swp_type } from '../../src/kernel/include/swapops.js'
import { dup_mm } from '../../src/kernel/mm/fork/mm_lifetime.js'
import { sys_munmap } from '../../src/kernel/mm/mmap/munmap.js'
import { sys_mprotect } from '../../src/kernel/mm/mprotect/sys_mprotect.js'
import { System } from './system.js'

/** Address 0 has been written, and the device has it for itself. */
const boot = () => {
  const s = new System({ devicePrivate: 1, mirrors: 2, pages: 8 })
  hmm_dmirror_init(s.kernel)
  const mirror = s.kernel.hmm.mirrors[0]!
  s.call(dmirror_fops_open(mirror, s.mm))
  s.mmap(0, 1)
  s.write(0, 7)
  const page = s.page(0)!
  expect(s.call(dmirror_exclusive(mirror, s.mm, 0, 1))).toBe(0)
  return { s, mirror, page }
}

const counts = (s: System, page: Page) =>
  [s.get(page._refcount), s.get(page._mapcount) + 1, s.get(page.flags) & PG_locked]

describe('a page that a device has for itself', () => {
  it('is not mapped, but held, until a CPU writes to it', () => {
    const { s, mirror, page } = boot()
    expect(is_device_exclusive_entry(s.entry(0).word)).toBe(true)
    expect(counts(s, page)).toEqual([1, 0, 0])
    expect(s.call(dmirror_atomic_inc(mirror, 0))).toBe(true)
    s.write(0, 5)
    expect(s.page(0)).toBe(page)
    expect(counts(s, page)).toEqual([1, 1, 0])
    expect(s.call(dmirror_atomic_inc(mirror, 0))).toBe(false)
  })

  it('is made present again by fork(), and shared', () => {
    const { s, mirror, page } = boot()
    s.call(dmirror_atomic_inc(mirror, 0))
    const child = s.call(dup_mm(s.mm))!
    expect([s.entry(0), s.entry(0, child)].map(({ word }) => pte_present(word) && !pte_write(word))).toEqual([true, true])
    expect(counts(s, page)).toEqual([2, 2, 0])
    expect(s.value(0, child)).toBe(8)
    expect(s.call(dmirror_atomic_inc(mirror, 0))).toBe(false)
  })

  it('loses its write permission by mprotect(), and everything by munmap()', () => {
    const { s, mirror, page } = boot()
    s.call(sys_mprotect(s.mm, 0, 1, 1))
    expect(swp_type(s.entry(0).word)).toBe(SWP.DEVICE_EXCLUSIVE_READ)
    s.call(sys_munmap(s.mm, 0, 1))
    expect(s.get(page._refcount)).toBe(0)
    expect(s.get(mirror.pt[0]!)).toBe(0)
  })
})
