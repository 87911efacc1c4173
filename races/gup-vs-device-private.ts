import {
  dma_write, dmirror_migrate_to_device, FOLL_WRITE, holds, pin_user_pages_fast, race, reach, unpin_user_page, violates,
} from 'mmrace'

export default race({
  name: 'gup-vs-device-private',
  title: 'can GUP ever return a page of device-private memory?',
  seed: 'S2',
  question: 'Q14',
  asked: `Device private pages are never part of a present PTE. So if we could
actually get a grab of one via GUP we would be in bigger trouble ...`,
  answer: `No, as long as GUP takes nothing but present entries: device-private memory is only reached by entries that are
not, and the walk takes a fault, which brings the page back to RAM. GUP-fast that has read the entry before the page moved
finds it changed. A pin that came first keeps the page from moving.`,
  needs: ['ZONE_DEVICE'],
  geometry: { pages: 4, devicePrivate: 1, mirrors: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm, device: k.deviceMemory(mm) }
  },
  cpus: {
    gup: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* reach('pinned')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
    },
    device: function* ({ mm, device }) {
      if ((yield* dmirror_migrate_to_device(device, mm, 0, 1)) === 1) yield* reach('in device memory')
    },
  },
  sometimes: ['pinned', 'in device memory'],
  // Not O2: test_hmm itself reads a backing page that a fault has freed (test/oracles/of-6.1.test.ts).
  oracles: ['O4', 'O5', 'O6', 'O9', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'the entry is not present: a fault brings the page back' },
    bug: {
      apply: ['mutant-gup-takes-private'],
      expect: violates('O4', 'all'),
      because: 'a page that no CPU can reach is handed out, and written to',
    },
    'reference-kept': { apply: ['mutant-collect-keeps-reference'], expect: violates('O9', 'all') },
  },
})
