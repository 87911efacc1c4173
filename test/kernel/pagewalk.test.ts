import { beforeEach, describe, expect, it } from 'vitest'
import type { Cell } from '../../src/engine/model/memory.js'
import type { Steps } from '../../src/engine/model/step.js'
import { PG_dirty } from '../../src/kernel/include/page_flags.js'
import { pte_dirty, pte_pfn, pte_write } from '../../src/kernel/include/pgtable.js'
import { VM_HUGEPAGE } from '../../src/kernel/include/vm_flags.js'
import { write_protect_any } from '../../src/kernel/drivers/write_protect_any.js'
import { find_vma } from '../../src/kernel/mm/find_vma.js'
import { clean_record_shared_mapping_range } from '../../src/kernel/mm/mapping_dirty_helpers/clean_record_shared_mapping_range.js'
import { wp_shared_mapping_range } from '../../src/kernel/mm/mapping_dirty_helpers/wp_shared_mapping_range.js'
import { apply_to_existing_page_range, apply_to_page_range } from '../../src/kernel/mm/memory/apply_to_page_range.js'
import { apply_to_pfn_range } from '../../src/kernel/mm/memory/apply_to_pfn_range.js'
import { follow_pfn, follow_pte } from '../../src/kernel/mm/memory/follow_pte.js'
import type { MmWalkOps, PageWalkAction } from '../../src/kernel/mm/pagewalk/mm_walk.js'
import { walk_page_range, walk_page_range_novma } from '../../src/kernel/mm/pagewalk/walk_page_range.js'
import { walk_page_vma } from '../../src/kernel/mm/pagewalk/walk_page_vma.js'
import { pmd_offset } from '../../src/kernel/mm/pgtable.js'
import { System } from './system.js'

let seen: string[] = []
beforeEach(() => {
  seen = []
})

const record = { add: (what: string) => void seen.push(what) }
const ops: MmWalkOps = {
  *pte_entry(_, address) {
    record.add(`pte ${address}`)
  },
  *pte_hole(start, end) {
    record.add(`hole ${start}-${end}`)
    return 0
  },
}

/** Pages 0 and 1 are mapped, 4 to 6 are a VMA of which 4 is mapped. Two entries per table. */
function boot() {
  const s = new System({ ptrsPerPmd: 4, tables: 8, pages: 12 })
  s.mmap(0, 2)
  s.write(0, 1)
  s.mmap(4, 3)
  s.write(4, 1)
  return s
}

const huge = () => {
  const s = new System({ pages: 8, hugePages: 1 })
  s.mmap(0, 2)
  const vma = s.call(find_vma(s.mm, 0))!
  s.run.set(vma.vm_flags, s.get(vma.vm_flags) | VM_HUGEPAGE)
  s.write(0, 5)
  expect(s.entry(0).huge).toBe(true)
  return { s, vma }
}

describe('page walks', () => {
  it('go over VMAs and holes', () => {
    const s = boot()
    expect(s.call(walk_page_range(s.mm, 0, 8, ops, undefined))).toBe(0)
    expect(seen).toEqual(['pte 0', 'pte 1', 'hole 2-4', 'pte 4', 'pte 5', 'hole 6-7', 'hole 7-8'])
  })

  it('go over one VMA, or over all tables', () => {
    const s = boot()
    s.call(walk_page_vma(s.mm, s.call(find_vma(s.mm, 4))!, ops, undefined))
    expect(seen).toEqual(['pte 4', 'pte 5', 'hole 6-7'])
    seen = []
    s.call(walk_page_range_novma(s.mm, 0, 8, { ...ops, *pte_hole() { return 0 } }, undefined))
    expect(seen).toEqual(['pte 0', 'pte 1', 'pte 4', 'pte 5'])
  })

  it.each<readonly [PageWalkAction | number, readonly string[], number]>([
    ['ACTION_SUBTREE', ['pte 0', 'pte 1', 'pte 4', 'pte 5'], 0],
    ['ACTION_CONTINUE', [], 0],
    [3, [], 3],
  ])('do what a pmd_entry() says: %s', (action, expected, result) => {
    const s = boot()
    const with_pmd: MmWalkOps = { pte_entry: ops.pte_entry!, *pmd_entry() { return action } }
    expect(s.call(walk_page_range(s.mm, 0, 8, with_pmd, undefined))).toBe(result)
    expect(seen).toEqual(expected)
  })

  it('look again when told so', () => {
    const s = boot()
    const looks = { count: 0, next() { return ++this.count } }
    s.call(walk_page_range(s.mm, 0, 2, { *pmd_entry() { return looks.next() < 3 ? 'ACTION_AGAIN' : 'ACTION_CONTINUE' } }, undefined))
    expect(looks.count).toBe(3)
  })

  it('split huge pages for a pte_entry(), and not for a pmd_entry() alone', () => {
    const { s } = huge()
    s.call(walk_page_range(s.mm, 0, 2, { *pmd_entry() { return 'ACTION_SUBTREE' } }, undefined))
    expect(s.entry(0).huge).toBe(true)
    s.call(walk_page_range(s.mm, 0, 2, ops, undefined))
    expect([s.entry(0).huge, s.value(0), seen]).toEqual([false, 5, ['pte 0', 'pte 1']])
  })
})

describe('apply_to_page_range()', () => {
  function* note(_: Cell, address: number): Steps {
    record.add(`pte ${address}`)
  }
  it('makes tables, or leaves out what there is not', () => {
    const s = boot()
    expect(s.call(apply_to_existing_page_range(s.mm, 0, 8, note, undefined))).toBe(0)
    expect(seen).toEqual(['pte 0', 'pte 4'])
    s.call(apply_to_pfn_range({ mm: s.mm, ptefn: note, data: undefined, alloc: false }, 2, 2))
    expect(s.get(pmd_offset(s.mm, 2))).toBe(0)
    s.call(apply_to_page_range(s.mm, 2, 2, note, undefined))
    expect([s.get(pmd_offset(s.mm, 2)) !== 0, seen.slice(2)]).toEqual([true, ['pte 2', 'pte 3']])
  })

  it('refuses a huge page', () => {
    const { s } = huge()
    expect(s.call(apply_to_page_range(s.mm, 0, 2, note, undefined))).toBe(-22)
    expect(s.call(write_protect_any(s.mm, 0, 2))).toBe(false)
    expect(pte_write(s.entry(0).word)).toBe(true)
  })
})

describe('dirty tracking of a file', () => {
  it('write-protects, and cleans and records', () => {
    const s = new System({ files: 1, pages: 8 })
    s.mmap(0, 2, true)
    s.write(0, 3)
    s.write(1, 4)
    const file = s.kernel.files.objects[0]!
    expect(s.call(wp_shared_mapping_range(file, 0, 2))).toBe(2)
    expect([0, 1].map((at) => pte_write(s.entry(at).word))).toEqual([false, false])
    expect(s.call(wp_shared_mapping_range(file, 0, 2))).toBe(0)
    // Any cell that nothing here uses.
    const bitmap = s.kernel.perCpu[0]!.cleaned
    expect(s.call(clean_record_shared_mapping_range(file, 1, 1, { bitmap, bitmap_pgoff: 0 }))).toBe(1)
    expect([s.get(bitmap), pte_dirty(s.entry(0).word), pte_dirty(s.entry(1).word)]).toEqual([2, true, false])
    expect(s.get(s.page(1)!.flags) & PG_dirty).toBe(PG_dirty)
  })

  it('follow_pte() gives the entry locked; follow_pfn() is for PFN mappings', () => {
    const s = boot()
    expect(s.call(follow_pfn(s.call(find_vma(s.mm, 0))!, 0))).toBe(-22)
    const locked = s.call(follow_pte(s.mm, 0))!
    expect([pte_pfn(s.get(locked.ptep)), s.get(locked.ptl)]).toEqual([s.page(0)!.pfn, 1])
    s.run.set(locked.ptl, 0)
    expect(s.call(follow_pte(s.mm, 1))).toBe(undefined)
    expect(s.get(locked.ptl)).toBe(0)
  })
})
