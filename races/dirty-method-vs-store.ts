import {
  holds, load, race, reach, user_write, violates, VMW_BO_DIRTY_MKWRITE, VMW_BO_DIRTY_PAGETABLE, vmw_resource_validate,
} from 'mmrace'

export default race({
  name: 'dirty-method-vs-store',
  title: 'a driver changes from looking for dirty entries to faults and back while a program writes',
  seed: 'S3',
  question: 'Q20',
  answer: `Not in the scan: entries are write-protected, flushed, and looked at once more. But in 6.1 the handler of a write fault notes
the page and drops its lock before the entry is writable, and a scan in between takes the note for nothing.`,
  references: ['drivers/gpu/drm/vmwgfx/vmwgfx_page_dirty.c:vmw_bo_dirty_scan'],
  tlb: true,
  geometry: { files: 1, filePages: 1, tables: 1, pages: 1 },
  setup: (k) => {
    const mm = k.mm()
    const bo = k.vmwBo(k.driverPage(), { triggers: 0 })
    k.mapObject(mm, bo.base)
    k.write(mm, 0, 0)
    k.call(vmw_resource_validate(bo))
    return { mm, bo }
  },
  cpus: {
    user: function* ({ mm }) {
      yield* user_write(mm, 0, 1)
      yield* user_write(mm, 0, 2)
    },
    commands: function* ({ bo }) {
      yield* vmw_resource_validate(bo)
      const faults = (yield* load(bo.method)) === VMW_BO_DIRTY_MKWRITE
      if (faults) yield* reach('writes fault')
      yield* vmw_resource_validate(bo)
      if (faults && (yield* load(bo.method)) === VMW_BO_DIRTY_PAGETABLE) yield* reach('and no more')
    },
  },
  sometimes: ['writes fault', 'and no more'],
  oracles: ['O1', 'O7', 'O12', 'O13'],
  variants: {
    fixed: {
      apply: ['vmw-mkwrite-sets-entry'],
      expect: holds,
      because: 'entries are protected, and looked at once more, before faults are relied on',
    },
    bug: { expect: violates('O7', 'all'), because: 'see dirty-mkwrite-vs-store' },
    'no-second-look': {
      apply: ['vmw-mkwrite-sets-entry', 'mutant-no-second-look'],
      expect: violates('O7', 'all'),
      because: 'what was written between the look and the protection is not in the record',
    },
    'changes-only': {
      apply: ['vmw-mkwrite-sets-entry', 'mutant-method-changes-only'],
      never: ['and no more'],
      expect: violates('O7', 'all'),
      because: 'an entry that can be written to does not fault',
    },
  },
})
