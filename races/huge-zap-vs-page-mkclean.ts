import { holds, MADV, race, reach, sys_madvise, user_write, violates, write_one_page } from 'mmrace'
import { deferredFlush } from './scenes/profiles.js'

export default race({
  name: 'huge-zap-vs-page-mkclean',
  title: 'writeback of a huge page of a file looks for dirty entries after a zap has cleared one and before it has flushed',
  references: ['mm/huge_memory.c:zap_huge_pmd', '5df397dec7c4 mm: delay page_remove_rmap() until after the TLB has been flushed'],
  tlb: true,
  geometry: { files: 1 },
  needs: ['TRANSPARENT_HUGEPAGE'],
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 2, touched: [0, 1], value: 1 })
    k.call(sys_madvise(mm, 0, 2, MADV.COLLAPSE))
    k.write(mm, 0, 1)
    return { mm, page: k.page(file, 0) }
  },
  cpus: {
    zap: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.DONTNEED)
      yield* reach('unmapped')
    },
    writeback: function* ({ page }) {
      if (yield* write_one_page(page)) yield* reach('written back')
    },
    user: function* ({ mm }) {
      yield* user_write(mm, 0, 2)
      yield* reach('written')
    },
  },
  sometimes: ['unmapped', 'written back', 'written'],
  oracles: ['O2', 'O7', 'O9', 'O13', 'O14'],
  variants: {
    fixed: {
      expect: violates('O7', deferredFlush),
      because: 'as released: zap_huge_pmd() counts the page as unmapped and drops the lock, and flushes later; page_mkclean() finds nothing to wait for',
    },
    'flush-first': { apply: ['huge-zap-flushes-first'], expect: holds, because: 'page_mkclean() waits for the PMD lock, and then no CPU has the entry any more' },
  },
})
