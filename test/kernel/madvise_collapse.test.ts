import { describe, expect, it } from 'vitest'
import { FOLL_PIN, FOLL_WRITE } from '../../src/kernel/include/gup_flags.js'
import { PG_head, PG_locked } from '../../src/kernel/include/page_flags.js'
import { dup_mm } from '../../src/kernel/mm/fork/mm_lifetime.js'
import { internal_get_user_pages_fast } from '../../src/kernel/mm/gup/get_user_pages.js'
import { sys_madvise } from '../../src/kernel/mm/madvise/sys_madvise.js'
import { System } from './system.js'

const MADV_COLLAPSE = 25
const EAGAIN = 11

const boot = (shared: boolean) => {
  const s = new System({ pages: 8, files: 1, tables: 6, hugePages: 2 })
  s.mmap(0, 2, shared)
  s.write(1, 5)
  return s
}

describe('madvise(MADV_COLLAPSE)', () => {
  it('collapses anonymous pages', () => {
    const s = boot(false)
    expect(s.call(sys_madvise(s.mm, 0, 2, MADV_COLLAPSE))).toBe(0)
    expect([s.entry(0).huge, s.value(0), s.value(1)]).toEqual([true, 0, 5])
  })

  it('says that a pinned page may be tried again', () => {
    const s = boot(false)
    s.call(internal_get_user_pages_fast(s.mm, 1, 1, FOLL_PIN | FOLL_WRITE))
    expect(s.call(sys_madvise(s.mm, 0, 2, MADV_COLLAPSE))).toBe(-EAGAIN)
    expect(s.entry(0).huge).toBe(false)
  })

  it('collapses shared memory for the caller, and for another address space when that asks', () => {
    const s = boot(true)
    const child = s.call(dup_mm(s.mm))!
    s.write(1, 6, child)
    expect(s.call(sys_madvise(s.mm, 0, 2, MADV_COLLAPSE))).toBe(0)
    expect([s.entry(0).huge, s.value(1)]).toEqual([true, 6])
    const head = s.page(0)!
    expect(s.get(head.flags) & (PG_head | PG_locked)).toBe(PG_head)
    expect([head._refcount, head.compound_mapcount].map((c) => s.get(c))).toEqual([3, 0])
    expect(s.call(sys_madvise(child, 0, 2, MADV_COLLAPSE))).toBe(0)
    expect([s.page(0, child), s.entry(0, child).huge]).toEqual([head, true])
  })
})
