import {
  dma_write, FOLL_FORCE, FOLL_WRITE, get_user_pages_unlocked, holds, MADV, put_user_page, race, reach, sys_madvise,
  user_read, violates,
} from 'mmrace'

export default race({
  name: 'dirty-cow',
  title: 'a forced write to a private read-only mapping of a file, and the copy is thrown away half-way',
  bug: 'D1',
  references: ['19be0eaffa3a mm: remove gup_flags FOLL_WRITE games from __get_user_pages()', 'CVE-2016-5195', '5535be309971'],
  geometry: { files: 1, vmas: 2, mms: 2, tables: 2 },
  setup: (k) => {
    const owner = k.mm()
    const { file } = k.shared(owner, { pages: 1, value: 1 })
    const mm = k.mm()
    k.privateFile(mm, file)
    return { mm }
  },
  cpus: {
    ptrace: function* ({ mm }) {
      const [page] = yield* get_user_pages_unlocked(mm, 0, 1, FOLL_WRITE | FOLL_FORCE)
      if (!page) return
      yield* dma_write(page, 2)
      yield* reach('written')
      yield* put_user_page(page)
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* user_read(mm, 0)
      yield* reach('thrown away')
    },
  },
  sometimes: ['written', 'thrown away'],
  variants: {
    fixed: { expect: holds, because: 'the walk goes on asking for a page it may write to, and faults again' },
    bug: {
      revert: ['19be0eaffa3a'],
      expect: violates('O8', 'all'),
      because: 'after its fault the walk is content with any page: that of the file',
    },
    '5.19': { revert: ['5535be309971'], expect: holds, because: 'the page of the file is mapped clean, the copy was dirty' },
    'cow-flag-alone': {
      revert: ['5535be309971'],
      apply: ['mutant-cow-flag-alone'],
      expect: violates('O8', 'all'),
      because: 'that there was a copy says nothing of what is mapped now',
    },
  },
})
