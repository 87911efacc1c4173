import {
  dma_write, dmirror_migrate_to_device, FOLL_LONGTERM, FOLL_WRITE, type Mm, pin_user_pages_unlocked, reach, scene, type Steps,
  unpin_user_page, type Vma,
} from 'mmrace'

/** What another thread does meanwhile, which like GUP needs the mmap_lock for reading only. */
type Meanwhile = (env: { readonly mm: Mm; readonly vma: Vma }) => Steps<unknown>

/** A driver takes a long-term pin, for writing, on a page that is in the memory of a device. */
export const longtermPin = (lane: string, meanwhile: Meanwhile, done: string) => scene({
  needs: ['ZONE_DEVICE'],
  geometry: { pages: 3, deviceCoherent: 1, mirrors: 1, userfaultfds: 1 },
  setup: (k) => {
    const mm = k.mm()
    const vma = k.anon(mm, { pages: 1 })
    if (k.kernel.profile.userfaultfdWp) k.userfaultfd(mm, vma)
    k.call(dmirror_migrate_to_device(k.deviceMemory(mm), mm, 0, 1))
    return { mm, vma }
  },
  cpus: {
    gup: function* ({ mm }) {
      const [page] = yield* pin_user_pages_unlocked(mm, 0, 1, FOLL_WRITE | FOLL_LONGTERM)
      if (!page) return yield* reach('not pinned')
      yield* reach('pinned')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
    },
    [lane]: function* (env) {
      yield* meanwhile(env)
      yield* reach(done)
    },
  },
  maybe: ['not pinned'],
  sometimes: ['pinned', done],
})
