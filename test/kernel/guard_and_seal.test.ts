import { describe, expect, it } from 'vitest'
import { dup_mm } from '../../src/kernel/mm/fork/mm_lifetime.js'
import { MADV } from '../../src/kernel/mm/madvise/advice.js'
import { sys_madvise } from '../../src/kernel/mm/madvise/sys_madvise.js'
import { sys_mmap } from '../../src/kernel/mm/mmap/mmap_region.js'
import { sys_munmap } from '../../src/kernel/mm/mmap/munmap.js'
import { sys_mprotect } from '../../src/kernel/mm/mprotect/sys_mprotect.js'
import { sys_mremap } from '../../src/kernel/mm/mremap/sys_mremap.js'
import { sys_mseal } from '../../src/kernel/mm/mseal/sys_mseal.js'
import { do_user_addr_fault } from '../../src/kernel/mm/user/user_access.js'
import { System } from './system.js'

const [EPERM, ENOMEM, EINVAL] = [1, 12, 22]

describe('guard pages', () => {
  const guarded = () => {
    const s = new System({ pages: 4, tables: 6 }, '7.3')
    s.mmap(0, 2)
    s.write(1, 5)
    expect(s.call(sys_madvise(s.mm, 0, 2, MADV.GUARD_INSTALL))).toBe(0)
    return s
  }
  const reaches = (s: System, address: number, mm = s.mm): boolean => s.call(do_user_addr_fault(mm, address, true))

  it('take the place of what was mapped, and stay when memory is given back', () => {
    const s = guarded()
    expect(s.call(sys_madvise(s.mm, 0, 2, MADV.DONTNEED))).toBe(0)
    expect([reaches(s, 0), reaches(s, 1)]).toEqual([false, false])
  })

  it('are copied by fork(), may be protected otherwise, and go with the mapping', () => {
    const s = guarded()
    expect(s.call(sys_mprotect(s.mm, 0, 2, 1))).toBe(0)
    expect(s.call(sys_mprotect(s.mm, 0, 2, 3))).toBe(0)
    expect(reaches(s, 1, s.call(dup_mm(s.mm))!)).toBe(false)
    s.mmap(0, 2)
    expect(reaches(s, 1)).toBe(true)
  })

  it('are taken away one by one', () => {
    const s = guarded()
    expect(s.call(sys_madvise(s.mm, 1, 1, MADV.GUARD_REMOVE))).toBe(0)
    expect([reaches(s, 0), reaches(s, 1)]).toEqual([false, true])
  })

  it('are not known to older kernels', () => {
    const s = new System({}, '6.12')
    s.mmap(0, 1)
    expect(s.call(sys_madvise(s.mm, 0, 1, MADV.GUARD_INSTALL))).toBe(-EINVAL)
  })
})

describe.each(['6.12', '7.3'] as const)('mseal() of %s', (kernel) => {
  const sealed = () => {
    const s = new System({ pages: 4, tables: 6 }, kernel)
    s.mmap(0, 2)
    expect(s.call(sys_mseal(s.mm, 1, 1))).toBe(0)
    return s
  }

  it('keeps a part of a mapping from being unmapped, moved, protected otherwise and mapped over', () => {
    const s = sealed()
    expect(s.call(sys_munmap(s.mm, 0, 2))).toBe(-EPERM)
    expect(s.call(sys_mprotect(s.mm, 1, 1, 1))).toBe(-EPERM)
    expect(s.call(sys_mremap(s.mm, 1, 1, 2, false))).toBe(-EPERM)
    expect(s.call(sys_mmap(s.mm, 1, 1, 3, false))).toBe(-EPERM)
    expect(s.call(sys_munmap(s.mm, 0, 1))).toBe(0)
  })

  it('lets who may write give memory back', () => {
    const s = sealed()
    expect(s.call(sys_madvise(s.mm, 1, 1, MADV.DONTNEED))).toBe(0)
  })

  it('seals no holes', () => {
    const s = sealed()
    expect(s.call(sys_mseal(s.mm, 1, 2))).toBe(-ENOMEM)
  })
})
