import { byKernel, dma_write, FOLL_WRITE, holds, pin_user_pages_fast, race, reach, unpin_user_page, user_write, userfaultfd_move, violates } from 'mmrace'
import { withFastGupSince612 } from './scenes/profiles.js'

const flushWaitsForNobody = ['x86-pv', 'x86-invlpgb', 'arm64', 'arm64-sw-dirty', 'ppc64-radix', 'ppc64-hash', 's390', 'riscv64']

export default race({
  name: 'uffd-move-vs-gup-fast',
  title: 'UFFDIO_MOVE gives a page another address while GUP-fast pins it by the old one',
  references: ['mm/userfaultfd.c:move_present_ptes', 'adef440691ba userfaultfd: UFFDIO_MOVE uABI'],
  geometry: { userfaultfds: 1, pages: 3 },
  needs: ['UFFDIO_MOVE'],
  litmus: ['uffd-move-flush-vs-gup-fast', 'uffd-move-batch-vs-gup-fast'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1, value: 1 })
    k.userfaultfd(mm, k.anon(mm, { start: 2, pages: 1, touched: [] }), 'missing')
    return { mm }
  },
  cpus: {
    monitor: function* ({ mm }) {
      if (yield* userfaultfd_move(mm, 2, 0, 1)) yield* reach('refused')
      else yield* reach('moved')
      yield* user_write(mm, 0, 2)
    },
    device: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* reach('pinned')
      yield* dma_write(page, 3)
      yield* unpin_user_page(page)
    },
  },
  sometimes: ['moved', 'refused', 'pinned'],
  variants: {
    fixed: { expect: holds, because: 'with the entry gone it looks for pins once more, and whoever pinned the page before looks at the entry again' },
    bug: {
      apply: ['mutant-uffd-move-pins-first'],
      expect: violates('O5', withFastGupSince612),
      because: 'the pin comes between the look and the clearing of the entry: the next write at the old address finds another page',
    },
    'pte-not-rechecked': {
      apply: ['mutant-no-pte-recheck'],
      expect: byKernel({ '6.1': violates('O5', flushWaitsForNobody), '7.2': violates('O5', withFastGupSince612) }),
      because: 'until 6.17 the entry was flushed before the look for pins, and where a flush waits for CPUs with interrupts off the pin is there by then',
    },
  },
})
