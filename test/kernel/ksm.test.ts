import { describe, expect, it } from 'vitest'
import { FOLL_PIN, FOLL_WRITE } from '../../src/kernel/include/gup_flags.js'
import { PG_anon_exclusive } from '../../src/kernel/include/page_flags.js'
import { pte_write } from '../../src/kernel/include/pgtable.js'
import { dup_mm } from '../../src/kernel/mm/fork/mm_lifetime.js'
import { mmput } from '../../src/kernel/mm/fork/mmput.js'
import { internal_get_user_pages_fast } from '../../src/kernel/mm/gup/get_user_pages.js'
import { ksm_do_scan } from '../../src/kernel/mm/ksm/ksm_do_scan.js'
import { sys_madvise } from '../../src/kernel/mm/madvise/sys_madvise.js'
import { sys_move_pages } from '../../src/kernel/mm/migrate/move_pages.js'
import { System } from './system.js'

const MADV_MERGEABLE = 12
const MADV_UNMERGEABLE = 13

const boot = () => {
  const s = new System({ pages: 8, nodes: 2, ksmItems: 8, ksmNodes: 4 })
  s.mmap(0, 2)
  s.write(0, 7)
  s.write(1, 7)
  s.call(sys_madvise(s.mm, 0, 2, MADV_MERGEABLE))
  return s
}

const scan = (s: System): void => {
  for (let i = 0; i < 3; i++) s.call(ksm_do_scan())
}

describe('KSM', () => {
  it('merges equal pages, and a write splits them again', () => {
    const s = boot()
    scan(s)
    expect(s.page(0)).toBe(s.page(1))
    const page = s.page(0)!
    expect([page._refcount, page._mapcount].map((c) => s.get(c))).toEqual([2, 1])
    expect([pte_write(s.entry(0).word), s.get(page.flags) & PG_anon_exclusive]).toEqual([false, 0])
    s.write(0, 8)
    expect([s.value(0), s.value(1), s.get(page._refcount)]).toEqual([8, 7, 1])
  })

  it('leaves a pinned page alone', () => {
    const s = boot()
    const page = s.page(0)!
    s.call(internal_get_user_pages_fast(s.mm, 0, 1, FOLL_PIN | FOLL_WRITE))
    scan(s)
    expect([s.page(0), s.page(1) === page]).toEqual([page, false])
  })

  it('unmerges when asked', () => {
    const s = boot()
    scan(s)
    s.call(sys_madvise(s.mm, 0, 2, MADV_UNMERGEABLE))
    expect(s.page(0)).not.toBe(s.page(1))
    expect([s.value(0), s.value(1)]).toEqual([7, 7])
  })

  it('pages are found through the stable tree: by migration, and after fork and exit', () => {
    const s = boot()
    scan(s)
    const child = s.call(dup_mm(s.mm))!
    const { kpfn } = s.kernel.ksm.nodes.objects[0]!
    expect(s.get(kpfn)).toBe(s.page(0)!.pfn)
    expect(s.call(sys_move_pages(s.mm, 0, 1, 1)).status).toEqual([-13])
    s.call(mmput(s.mm))
    s.write(0, 1, child)
    scan(s)
    expect(s.value(1, child)).toBe(7)
    s.call(mmput(child))
    scan(s)
    expect(s.get(s.kernel.ksm.stable_tree)).toBe(0)
  })
})
