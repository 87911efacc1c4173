import { expect, it } from 'vitest'
import { sva_write } from '../../src/kernel/drivers/iommu_sva/sva_access.js'
import { dmirror_write } from '../../src/kernel/drivers/test_hmm/dmirror_access.js'
import type { Mm } from '../../src/kernel/include/mm.js'
import { khugepaged_scan_mm_slot } from '../../src/kernel/mm/khugepaged/khugepaged_scan_mm_slot.js'
import { do_exit } from '../../src/kernel/mm/fork/do_exit.js'
import { mmget } from '../../src/kernel/mm/fork/mm_count.js'
import { mmput_async } from '../../src/kernel/mm/fork/mmput.js'
import { sys_munmap } from '../../src/kernel/mm/mmap/munmap.js'
import { user_write } from '../../src/kernel/mm/user/user_access.js'
import { worker_thread } from '../../src/kernel/workqueue/workqueue.js'
import type { Setup } from '../../src/race/setup.js'
import { violations } from './verdict.js'

const one_page = (k: Setup, ...lanes: string[]): { mm: Mm } => {
  const mm = k.mm(...lanes)
  k.anon(mm, { pages: 1 })
  return { mm }
}

const PROFILES = ['x86-native', 'arm64', 's390']

it.each(PROFILES)('%s: a thread exits, and another goes on', (arch) => {
  expect(violations({
    tlb: true,
    setup: (k) => one_page(k),
    cpus: { exit: ({ mm }) => do_exit(mm), user: ({ mm }) => user_write(mm, 0, 1) },
  }, { arch })).toEqual([])
})

it.each(PROFILES)('%s: all threads exit; the last one takes the memory with it', (arch) => {
  expect(violations({
    tlb: true,
    setup: (k) => one_page(k),
    cpus: {
      A: function* ({ mm }) {
        yield* user_write(mm, 0, 1)
        yield* do_exit(mm)
      },
      B: function* ({ mm }) {
        yield* sys_munmap(mm, 0, 1)
        yield* do_exit(mm)
      },
    },
  }, { arch })).toEqual([])
})

it('a process exits while a device that uses its page tables faults', () => {
  expect(violations({
    tlb: true,
    geometry: { iommus: 1 },
    setup: (k) => {
      const { mm } = one_page(k, 'exit')
      return { mm, sva: k.sva(mm) }
    },
    cpus: { exit: ({ mm }) => do_exit(mm), device: ({ mm, sva }) => sva_write(sva, mm, 0, 1) },
  })).toEqual([])
})

it('a process exits while a device that mirrors it faults', () => {
  expect(violations({
    geometry: { mirrors: 1, devicePrivate: 1 },
    setup: (k) => {
      const { mm } = one_page(k, 'exit')
      return { mm, mirror: k.mirror(mm) }
    },
    cpus: { exit: ({ mm }) => do_exit(mm), device: ({ mm, mirror }) => dmirror_write(mirror, mm, 0, 1, 1) },
  })).toEqual([])
})

it('a process exits while khugepaged works on its memory', () => {
  expect(violations({
    setup: (k) => {
      const mm = k.mm('exit')
      k.anon(mm, { pages: 2, thp: true })
      return { mm }
    },
    cpus: { exit: ({ mm }) => do_exit(mm), khugepaged: ({ mm }) => khugepaged_scan_mm_slot(mm) },
  })).toEqual([])
})

it('the last user cannot sleep, and a worker takes the address space down', () => {
  expect(violations({
    geometry: { workers: 1 },
    setup: (k) => {
      const { mm } = one_page(k, 'exit')
      k.call(mmget(mm))
      return { mm }
    },
    cpus: { exit: ({ mm }) => do_exit(mm), other: ({ mm }) => mmput_async(mm), worker: () => worker_thread() },
  })).toEqual([])
})
