import { FOLL_WRITE, holds, type Mm, pin_user_pages_fast_only, race, reach, unpin_user_page } from 'mmrace'

/** More states than anyone waits for. */
export default race({
  name: 'many-states',
  title: 'six threads pin the same page',
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm }
  },
  cpus: Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`gup${i}`, function* ({ mm }: { mm: Mm }) {
    const [page] = yield* pin_user_pages_fast_only(mm, 0, 1, FOLL_WRITE)
    if (page) yield* unpin_user_page(page)
    yield* reach('done')
  }])),
  sometimes: ['done'],
  variants: { fixed: { expect: holds } },
})
