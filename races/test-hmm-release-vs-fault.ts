import {
  dmirror_device_evict_chunk, dmirror_migrate_to_device, holds, kfree, load, mmu_interval_notifier_remove, race, reach, type Setup, user_read, violates,
} from 'mmrace'

interface Release {
  /** What is in the device goes back to RAM when its file is closed. */
  readonly evicts?: boolean
  /** Again, until nothing is left there. */
  readonly repeats?: boolean
}

export default race({
  name: 'test-hmm-release-vs-fault',
  title: 'who has opened a device closes it, and a page that he has put there is faulted back',
  seed: 'S2',
  references: ['lib/test_hmm.c:dmirror_fops_release and dmirror_devmem_fault of 6.1 and 7.3: rpage->zone_device_data is the dmirror'],
  needs: ['ZONE_DEVICE'],
  geometry: { pages: 3, devicePrivate: 1, mirrors: 1 },
  setup: (k: Setup) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const mirror = k.mirror(mm)
    const owner = k.object('dmirror', { mdevice: 1 })
    const { pagemap } = mirror.mdevice
    const { migrate_to_ram, ...ops } = pagemap.ops!
    Object.assign(pagemap, {
      ops: {
        ...ops,
        migrate_to_ram: function* (...args: Parameters<NonNullable<typeof migrate_to_ram>>) {
          yield* load(owner.mdevice)
          return yield* migrate_to_ram!(...args)
        },
      },
    })
    k.call(dmirror_migrate_to_device(mirror, mm, 0, 1))
    return { mm, mirror, owner }
  },
  cpus: {
    close: function* ({ mm, mirror, owner }, { evicts, repeats }: Release) {
      yield* mmu_interval_notifier_remove(mirror.notifier, mm)
      if (evicts) yield* dmirror_device_evict_chunk(mirror.mdevice)
      if (repeats) while (yield* load(mirror.mdevice.pagemap.pages[0]!._refcount)) yield* dmirror_device_evict_chunk(mirror.mdevice)
      yield* kfree(owner)
      yield* reach('closed')
    },
    fault: function* ({ mm }) {
      if ((yield* user_read(mm, 0)) !== undefined) yield* reach('read')
    },
  },
  sometimes: ['closed', 'read'],
  oracles: ['O2'],
  variants: {
    fixed: { with: { evicts: true, repeats: true }, expect: holds, because: 'when the owner goes no page names it' },
    once: {
      with: { evicts: true },
      expect: violates('O2', 'all'),
      because: 'as released: an eviction passes over a page that is locked or held, as by a fault that is about to ask whose it is',
    },
    bug: { expect: violates('O2', 'all'), because: 'the page names its owner, who is gone' },
  },
})
