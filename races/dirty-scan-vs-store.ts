import { holds, race, reach, user_write, violates, vmw_resource_validate } from 'mmrace'
import { deferredFlush } from './scenes/profiles.js'

export default race({
  name: 'dirty-scan-vs-store',
  title: 'a driver collects the dirty pages of a file for its device while a program writes: can dirty bits be cleaned without losing a write?',
  seed: 'S3',
  question: 'Q20',
  answer: `Yes: the entry is cleaned under its lock, then recorded, and TLBs are flushed before anybody relies on the record. A CPU whose
TLB has the entry as dirty does not set the bit again, so that without the flush a later write is not seen.`,
  references: ['mm/mapping_dirty_helpers.c', 'drivers/gpu/drm/vmwgfx/vmwgfx_page_dirty.c'],
  tlb: true,
  geometry: { files: 1, filePages: 1, tables: 1, pages: 1 },
  setup: (k) => {
    const mm = k.mm()
    const bo = k.vmwBo(k.driverPage(), { triggers: 2 })
    k.mapObject(mm, bo.base)
    k.write(mm, 0, 0)
    return { mm, bo }
  },
  cpus: {
    user: function* ({ mm }) {
      yield* user_write(mm, 0, 1)
    },
    'command 1': function* ({ bo }) {
      if (yield* vmw_resource_validate(bo)) yield* reach('dirty')
    },
    'command 2': function* ({ bo }) {
      if (!(yield* vmw_resource_validate(bo))) yield* reach('clean')
    },
  },
  sometimes: ['dirty', 'clean'],
  oracles: ['O1', 'O7', 'O13', 'O14'],
  variants: {
    fixed: { expect: holds, because: 'cleaned under the lock, recorded, and flushed before anybody relies on the record' },
    'without-flush': {
      apply: ['mutant-clean-without-flush'],
      expect: violates('O7', deferredFlush),
      because: 'a CPU that has the entry as dirty in its TLB does not set the bit again',
    },
    unreserved: {
      apply: ['mutant-scan-unreserved'],
      expect: violates('O7', 'all'),
      because: 'one hands over what the other has recorded and not yet flushed, or an older page after a newer one',
    },
  },
})
