import { collapse_huge_page, FOLL_WRITE, holds, khugepaged_collapse_control, mmap_read_lock, pin_user_pages_fast_only, race, scene, unpin_user_page } from 'mmrace'
import { thpCollapse } from '../../races/scenes/thp-collapse.js'

const PINS = 5

/** A known race in which one lane first does other things: a run of more than 200 steps. */
const long = scene({
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0], thp: true })
    return { mm }
  },
  cpus: {
    khugepaged: function* ({ mm }) {
      for (let i = 0; i < PINS; i++) {
        const [page] = yield* pin_user_pages_fast_only(mm, 0, 1, FOLL_WRITE)
        if (page) yield* unpin_user_page(page)
      }
      yield* mmap_read_lock(mm)
      yield* collapse_huge_page(mm, 0, khugepaged_collapse_control)
    },
    gup_fast: thpCollapse.cpus['gup_fast']!,
  },
  maybe: ['not pinned'],
  sometimes: ['pinned'],
})

export default race({
  name: 'long',
  title: 'a long run, <b>of a file</b> of the user\'s',
  ...long,
  variants: { fixed: { expect: holds }, bug: { revert: ['70cbc3cc78a9', '2ba99c5e0881'], expect: holds } },
})
