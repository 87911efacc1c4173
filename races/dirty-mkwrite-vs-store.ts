import { holds, race, reach, user_write, violates, VMW_BO_DIRTY_MKWRITE, vmw_resource_validate } from 'mmrace'

export default race({
  name: 'dirty-mkwrite-vs-store',
  title: 'a driver is told of writes by faults (pfn_mkwrite) and collects them for its device while a program writes',
  seed: 'S3',
  references: ['drivers/gpu/drm/vmwgfx/vmwgfx_page_dirty.c:vmw_bo_vm_mkwrite', 'mm/memory.c:finish_mkwrite_fault'],
  tlb: true,
  geometry: { files: 1, filePages: 1, tables: 1, pages: 1 },
  setup: (k) => {
    const mm = k.mm()
    const bo = k.vmwBo(k.driverPage(), { triggers: 2, method: VMW_BO_DIRTY_MKWRITE })
    k.mapObject(mm, bo.base)
    k.read(mm, 0)
    return { mm, bo }
  },
  cpus: {
    user: function* ({ mm }) {
      yield* user_write(mm, 0, 1)
      yield* user_write(mm, 0, 2)
    },
    commands: function* ({ bo }) {
      yield* reach((yield* vmw_resource_validate(bo)) ? 'dirty' : 'clean')
      yield* vmw_resource_validate(bo)
    },
  },
  sometimes: ['dirty', 'clean'],
  oracles: ['O1', 'O7', 'O12', 'O13'],
  variants: {
    fixed: {
      apply: ['vmw-mkwrite-sets-entry'],
      expect: holds,
      because: 'the page is noted and its entry made writable with the object reserved, as the handlers of DAX do under their lock',
    },
    bug: {
      expect: violates('O7', 'all'),
      because: 'between the handler, which has dropped the lock, and the entry, a command takes the note and finds nothing to protect',
    },
    unreserved: {
      apply: ['vmw-mkwrite-sets-entry', 'mutant-mkwrite-unreserved'],
      expect: violates('O7', 'all'),
      because: 'the same gap again',
    },
  },
})
