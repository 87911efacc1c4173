import { describe, expect, it } from 'vitest'
import { userfaultfd_release } from '../../src/kernel/fs/userfaultfd/userfaultfd_release.js'
import { userfaultfd_writeprotect } from '../../src/kernel/fs/userfaultfd/userfaultfd_writeprotect.js'
import { FAULT_FLAG_WRITE, VM_FAULT_SIGBUS } from '../../src/kernel/include/fault.js'
import { FOLL_LONGTERM, FOLL_WRITE } from '../../src/kernel/include/gup_flags.js'
import { _PAGE_UFFD_WP, pte_write } from '../../src/kernel/include/pgtable.js'
import { VM_UFFD_WP } from '../../src/kernel/include/vm_flags.js'
import { find_vma } from '../../src/kernel/mm/find_vma.js'
import { dup_mm } from '../../src/kernel/mm/fork/mm_lifetime.js'
import { pin_user_pages_fast } from '../../src/kernel/mm/gup/user_pages.js'
import { handle_mm_fault } from '../../src/kernel/mm/memory/handle_mm_fault.js'
import { sys_move_pages } from '../../src/kernel/mm/migrate/move_pages.js'
import { sys_mprotect } from '../../src/kernel/mm/mprotect/sys_mprotect.js'
import { System } from './system.js'

/** Address 0 has been written, and is write-protected by a monitor. */
const boot = () => {
  const s = new System({ userfaultfds: 2, nodes: 2, pages: 8 })
  s.mmap(0, 1)
  s.write(0, 7)
  const vma = s.call(find_vma(s.mm, 0))!
  s.run.set(vma.vm_flags, s.get(vma.vm_flags) | VM_UFFD_WP)
  expect(s.call(userfaultfd_writeprotect(s.mm, 0, 1, true))).toBe(0)
  return { s, vma }
}

const bits = (word: number) => ({ write: pte_write(word), uffd_wp: (word & _PAGE_UFFD_WP) !== 0 })

describe('userfaultfd write protection', () => {
  it('is in the entry until it is taken off; the next fault makes it writable', () => {
    const { s } = boot()
    expect(bits(s.entry(0).word)).toEqual({ write: false, uffd_wp: true })
    s.call(userfaultfd_writeprotect(s.mm, 0, 1, false))
    expect(bits(s.entry(0).word)).toEqual({ write: false, uffd_wp: false })
    s.write(0, 8)
    expect(s.value(0)).toBe(8)
  })

  it('fails those who cannot wait', () => {
    const { s, vma } = boot()
    expect(s.call(handle_mm_fault(s.mm, vma, 0, FAULT_FLAG_WRITE))).toBe(VM_FAULT_SIGBUS)
    expect(s.call(pin_user_pages_fast(s.mm, 0, 1, FOLL_WRITE | FOLL_LONGTERM))).toEqual([])
    expect(s.call(pin_user_pages_fast(s.mm, 0, 1, 0))).toHaveLength(1)
  })

  it('survives mprotect() and migration', () => {
    const { s } = boot()
    s.call(sys_mprotect(s.mm, 0, 1, 1))
    s.call(sys_mprotect(s.mm, 0, 1, 3))
    expect(bits(s.entry(0).word)).toEqual({ write: false, uffd_wp: true })
    const before = s.page(0)!
    s.call(sys_move_pages(s.mm, 0, 1, 1 - before.nid))
    expect(s.page(0)!.nid).toBe(1 - before.nid)
    expect(bits(s.entry(0).word)).toEqual({ write: false, uffd_wp: true })
  })

  it('is not inherited', () => {
    const { s } = boot()
    const child = s.call(dup_mm(s.mm))!
    expect([s.entry(0), s.entry(0, child)].map(({ word }) => bits(word).uffd_wp)).toEqual([true, false])
    s.write(0, 1, child)
  })

  it('goes with the monitor', () => {
    const { s, vma } = boot()
    s.call(userfaultfd_release(s.mm))
    expect(s.get(vma.vm_flags) & VM_UFFD_WP).toBe(0)
    s.write(0, 9)
  })
})
