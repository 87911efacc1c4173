import {
  dma_read, get_user_pages_unlocked, holds, put_user_page, race, reach, sys_munmap, user_write, violates,
} from 'mmrace'

export default race({
  name: 'vmsplice-vs-cow-reuse',
  title: 'a child keeps a page in a pipe and unmaps it: the parent takes it for its own again',
  bug: 'D2',
  references: ['09854ba94c6a mm: do_wp_page() simplification', '17839856fd58', 'CVE-2020-29374'],
  geometry: { mms: 2, pages: 4, tables: 2, vmas: 2, anonVmas: 2, anonVmaChains: 3 },
  setup: (k) => {
    const parent = k.mm()
    k.anon(parent, { pages: 1, value: 1 })
    return { parent, child: k.fork(parent, 'child') }
  },
  cpus: {
    child: function* ({ child }) {
      const [page] = yield* get_user_pages_unlocked(child, 0, 1, 0)
      if (!page) return
      yield* sys_munmap(child, 0, 1)
      yield* reach('in the pipe')
      yield* dma_read(page)
      yield* put_user_page(page)
    },
    parent: function* ({ parent }) {
      yield* user_write(parent, 0, 2)
      yield* reach('written')
    },
  },
  sometimes: ['in the pipe', 'written'],
  variants: {
    fixed: { expect: holds, because: 'a page that anybody else refers to is copied' },
    bug: {
      revert: ['09854ba94c6a'],
      expect: violates('O8', 'all'),
      because: 'one mapping is left, and nobody looks at the references',
    },
    'coarse-count': { apply: ['mutant-coarse-count'], expect: violates('O8', 'all'), because: 'two is few, and one too many' },
  },
})
