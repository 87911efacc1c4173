import { holds, MADV, race, reach, sys_madvise, user_write, write_one_page } from 'mmrace'
import { PT_RECLAIM, without } from './scenes/table-reclaim.js'

export default race({
  name: 'dontneed-table-vs-page-mkclean',
  title: 'writeback has looked into a page table that MADV_DONTNEED gives back, while a writer maps the page in a new one',
  references: ['pvmw-pmd-recheck: mm: page_vma_mapped_walk: map_pte() use pte_offset_map_rw_nolock()', 'pt-reclaim'],
  asked: 'The reverse map looks into a page table without its lock, and since 6.14 reads the PMD again when it has locked it. Is that needed, where page tables go away under MADV_DONTNEED?',
  answer: 'Not for who has the folio locked. No entry of the folio appears anywhere while it is; and a table that goes is empty, so that the walk finds nothing in it, which is right.',
  needs: ['PT_RECLAIM'],
  geometry: { files: 1, tables: 3 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 2, value: 1 })
    return { mm, page: k.page(file, 0) }
  },
  cpus: {
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.DONTNEED)
      yield* reach('given back')
    },
    writeback: function* ({ page }) {
      if (yield* write_one_page(page)) yield* reach('written back')
    },
    user: function* ({ mm }) {
      yield* user_write(mm, 0, 2)
      yield* reach('written')
    },
  },
  sometimes: ['given back', 'written back', 'written'],
  oracles: ['O1', 'O2', 'O7', 'O9', 'O13', 'O14'],
  variants: {
    fixed: { apply: [...PT_RECLAIM, '5df397dec7c4'], expect: holds, because: 'the reverse map reads the PMD again when it has the lock, and looks into the new table' },
    'without-recheck': {
      ...without('pvmw-pmd-recheck'),
      expect: holds,
      because: 'writeback has the folio locked, so that no fault maps it in the new table meanwhile: in the old one there is nothing left to find',
    },
  },
})
