import {
  dma_write, FOLL_WRITE, generic_pipe_buf_get, get_user_pages_fast, holds, type Mm, put_page, put_user_page, race, reach, type Steps,
  violates,
} from 'mmrace'

function* gup(mm: Mm): Steps<number> {
  const pages = yield* get_user_pages_fast(mm, 0, 1, FOLL_WRITE)
  return pages.length
}

export default race({
  name: 'refcount-overflow',
  title: 'tee() and GUP take so many references to a page that its counter comes round',
  bug: 'C1',
  references: [
    '15fab63e1e57 fs: prevent page refcount overflow in pipe_buf_get', '8fde12ca79af', '88b1a17dfc3e', 'f958d7b528b1', 'CVE-2019-11487',
  ],
  // With 3 bits, 8 references are too many: the page is mapped, and in a pipe.
  geometry: { refcountBits: 3, pages: 2 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const page = k.pageAt(mm, 0)
    k.call(generic_pipe_buf_get(page))
    return { mm, page }
  },
  cpus: {
    tee: function* ({ page }) {
      let got = 0
      while (got < 5 && (yield* generic_pipe_buf_get(page))) got++
      if (got > 0) yield* reach('in two pipes')
      for (; got > 0; got--) yield* put_page(page)
    },
    gup: function* ({ mm, page }) {
      let got = 0
      while (got < 3 && (yield* gup(mm)) > 0) got++
      if (got === 0) return
      yield* reach('held')
      yield* dma_write(page, 1)
      for (; got > 0; got--) yield* put_user_page(page)
    },
  },
  sometimes: ['in two pipes', 'held'],
  oracles: ['O2', 'O3', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'a count that is not positive is refused, with half of the range to spare for who has looked already' },
    bug: {
      revert: ['15fab63e1e57', '8fde12ca79af'],
      expect: violates('O2', 'all'),
      because: 'nine holders count as one, and the first to let go frees the page',
    },
    'to-the-brim': { apply: ['mutant-refcount-to-the-brim'], expect: violates('O2', 'all') },
  },
})
