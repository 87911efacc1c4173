import { put_page, holds, race, reach, sys_munmap, unmap_mapping_pages, user_store, violates } from 'mmrace'
import { deferredFlush } from './scenes/profiles.js'

/** MMU_GATHER_MERGE_VMAS; on s390 no entry changes without its translations. */
const MERGING = ['x86-native', 'x86-pv', 'x86-pae', 'x86-invlpgb', 'ppc64-radix', 'loongarch64']

export default race({
  name: 'unmap-mapping-vs-munmap',
  title: 'unmap_mapping_range() has returned: can a CPU still write to the page through its TLB?',
  seed: 'S0',
  bug: 'G1',
  question: 'Q1',
  references: ['b67fbebd4cf9 mmu_gather: Force tlb-flush VM_PFNMAP vmas', 'CVE-2022-39188'],
  tlb: true,
  geometry: { files: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { file, page } = k.pfnmap(mm)
    // Where software keeps A and D, the first store faults to set them.
    k.write(mm, 0, 0)
    return { mm, file, page }
  },
  cpus: {
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
    driver: function* ({ file, page }) {
      yield* unmap_mapping_pages(file, 0, 1, true)
      yield* put_page(page)
      yield* reach('freed')
    },
    user: function* ({ mm }) {
      if (yield* user_store(mm, 0, 1)) yield* reach('written')
      else yield* reach('fault')
    },
  },
  sometimes: ['unmapped', 'freed', 'written', 'fault'],
  variants: {
    fixed: { expect: holds, because: 'PFN mappings are flushed before their VMA can no longer be found' },
    bug: {
      revert: ['b67fbebd4cf9'],
      expect: violates('O2', MERGING),
      because: 'a munmap has cleared the entry and taken the VMA out of the file, and its flush is still to come',
    },
    'one-flush': { apply: ['free-vmas-flush'], expect: holds, because: 'as since 6.17: one flush for all VMAs, before the first of them leaves its file' },
    'one-flush-late': {
      apply: ['free-vmas-flush', 'mutant-free-vmas-flush-late'],
      expect: violates('O2', MERGING),
      because: 'the VMA has left its file, and the flush is still to come',
    },
    'gathers-unseen': {
      revert: ['99baac21e458'],
      expect: violates('O2', deferredFlush),
      because: 'as long as the VMA is there, it is the gather of the munmap that says that a flush is to come',
    },
  },
})
