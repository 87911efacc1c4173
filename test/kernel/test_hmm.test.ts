import { describe, expect, it } from 'vitest'
import { dmirror_read, dmirror_write } from '../../src/kernel/drivers/test_hmm/dmirror_access.js'
import { dmirror_fops_open, dmirror_fops_release } from '../../src/kernel/drivers/test_hmm/dmirror_fops.js'
import { dmirror_migrate_to_device, dmirror_migrate_to_system } from '../../src/kernel/drivers/test_hmm/dmirror_migrate.js'
import { hmm_dmirror_init } from '../../src/kernel/drivers/test_hmm/hmm_dmirror_init.js'
import { PG_anon_exclusive, PG_locked, PG_lru } from '../../src/kernel/include/page_flags.js'
import { pte_present, pte_write } from '../../src/kernel/include/pgtable.js'
import { is_device_private_entry, SWP, swp_type } from '../../src/kernel/include/swapops.js'
import { dup_mm } from '../../src/kernel/mm/fork/mm_lifetime.js'
import { mmput } from '../../src/kernel/mm/fork/mmput.js'
import { sys_munmap } from '../../src/kernel/mm/mmap/munmap.js'
import { sys_mprotect } from '../../src/kernel/mm/mprotect/sys_mprotect.js'
import { System } from './system.js'

const boot = () => {
  const s = new System({ devicePrivate: 3, mirrors: 2, pages: 12 })
  hmm_dmirror_init(s.kernel)
  const mirror = s.kernel.hmm.mirrors[0]!
  s.call(dmirror_fops_open(mirror, s.mm))
  s.mmap(0, 2)
  s.write(0, 7)
  return { s, mirror }
}

/** Pages on the device's free list. */
const free = (s: System): number => {
  let n = 0
  for (let pfn = s.get(s.kernel.hmm.devices[0]!.free_pages); pfn; pfn = s.get(s.kernel.page(pfn).lru)) n++
  return n
}

describe('device-private memory', () => {
  it('goes to the device and comes back when the CPU writes', () => {
    const { s, mirror } = boot()
    const old = s.page(0)!
    expect(s.call(dmirror_migrate_to_device(mirror, s.mm, 0, 2))).toBe(2)
    expect([0, 1].map((a) => is_device_private_entry(s.entry(a).word))).toEqual([true, true])
    const device = s.page(0)!
    expect([device._refcount, device._mapcount, old._refcount].map((c) => s.get(c))).toEqual([1, 0, 0])
    expect(s.get(device.flags) & (PG_anon_exclusive | PG_locked)).toBe(PG_anon_exclusive)
    expect(free(s)).toBe(1)
    expect(s.call(dmirror_read(mirror, s.mm, 0, 2))).toEqual([7, 0])
    s.call(dmirror_write(mirror, s.mm, 0, 1, 9))
    s.write(1, 4)
    expect(free(s)).toBe(2)
    expect(pte_present(s.entry(1).word)).toBe(true)
    expect(s.call(dmirror_migrate_to_system(mirror, s.mm, 0, 2))).toBe(1)
    expect([s.value(0), s.value(1), free(s)]).toEqual([9, 4, 3])
    expect(pte_write(s.entry(0).word)).toBe(true)
    expect(s.get(s.page(0)!.flags) & (PG_lru | PG_locked | PG_anon_exclusive)).toBe(PG_anon_exclusive)
  })

  it('is shared read-only after fork, and freed by munmap', () => {
    const { s, mirror } = boot()
    s.call(dmirror_migrate_to_device(mirror, s.mm, 0, 2))
    const child = s.call(dup_mm(s.mm))!
    expect(swp_type(s.entry(0).word)).toBe(SWP.DEVICE_READ)
    s.write(0, 1)
    expect([s.value(0), s.value(0, child)]).toEqual([1, 7])
    s.call(sys_munmap(s.mm, 0, 2))
    s.call(mmput(child))
    expect(free(s)).toBe(3)
  })

  it('is evicted when the device is closed', () => {
    const { s, mirror } = boot()
    s.call(dmirror_migrate_to_device(mirror, s.mm, 0, 2))
    s.call(dmirror_fops_release(mirror, s.mm))
    expect([s.value(0), free(s), pte_present(s.entry(0).word)]).toEqual([7, 3, true])
  })

  it('the mirror forgets what the CPU side takes away', () => {
    const { s, mirror } = boot()
    expect(s.call(dmirror_read(mirror, s.mm, 0, 1))).toEqual([7])
    expect(s.get(mirror.pt[0]!)).not.toBe(0)
    s.call(sys_mprotect(s.mm, 0, 1, 1))
    expect(s.get(mirror.pt[0]!)).toBe(0)
    expect(s.call(dmirror_write(mirror, s.mm, 0, 1, 3))).toBe(-1)
    s.call(sys_munmap(s.mm, 0, 2))
    expect(s.call(dmirror_read(mirror, s.mm, 0, 1))).toBe(-14)
  })
})
