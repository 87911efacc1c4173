import { access_remote_vm, exclusive_use, exclusive_use_ends, holds, race, reach, unmap_mapping_pages, violates } from 'mmrace'

export default race({
  name: 'access-phys-vs-revoke',
  title: 'a debugger writes to device memory that a program has mapped, while a driver claims it',
  seed: 'S0',
  references: ['96667f8a4382 mm: Close race in generic_access_phys', '3234ac664a87 /dev/mem: Revoke mappings when a driver claims the region'],
  geometry: { files: 1, pages: 1, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    return { mm, ...k.pfnmap(mm) }
  },
  cpus: {
    debugger: function* ({ mm }) {
      yield* reach((yield* access_remote_vm(mm, 0, 1)) ? 'written' : 'refused')
    },
    driver: function* ({ file, page }) {
      yield* unmap_mapping_pages(file, 0, 1, true)
      yield* exclusive_use(page)
      yield* exclusive_use_ends(page)
      yield* reach('claimed')
    },
  },
  sometimes: ['written', 'refused', 'claimed'],
  oracles: ['O2', 'O12', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'it looks at the entry again, and writes with the page-table lock held' },
    bug: {
      revert: ['96667f8a4382'],
      expect: violates('O2', 'all'),
      because: 'the entry is gone, and the debugger goes on with the page frame number that was in it',
    },
    'unlocks-early': {
      apply: ['mutant-access-phys-unlocks-early'],
      expect: violates('O2', 'all'),
      because: 'what the entry says holds until the page-table lock is dropped',
    },
  },
})
