import { dmirror_device_evict_chunk, dmirror_migrate_to_device, dup_mm, holds, race, reach, user_write, violates } from 'mmrace'

export default race({
  name: 'device-eviction-vs-fork',
  title: 'a device gives its memory up, without any mmap_lock, while a process that has some of it forks',
  seed: 'S2',
  references: ['mm/memory.c:copy_nonpresent_pte'],
  needs: ['ZONE_DEVICE'],
  geometry: { pages: 5, devicePrivate: 1, mirrors: 2, mms: 2, tables: 3, vmas: 2, anonVmas: 2, anonVmaChains: 3 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const device = k.deviceMemory(mm)
    k.call(dmirror_migrate_to_device(device, mm, 0, 1))
    return { mm, device }
  },
  cpus: {
    parent: function* ({ mm }) {
      const child = yield* dup_mm(mm)
      yield* user_write(mm, 0, 2)
      if (child) yield* reach('forked')
    },
    driver: function* ({ device }) {
      yield* dmirror_device_evict_chunk(device.mdevice)
      yield* reach('evicted')
    },
  },
  sometimes: ['forked', 'evicted'],
  variants: {
    fixed: { expect: holds, because: 'what is copied is readable only, on both sides, be it a device entry or a migration entry' },
    bug: {
      apply: ['mutant-fork-keeps-write'],
      expect: violates('O8', 'all'),
      because: 'the page comes back writable to both',
    },
  },
})
