import { FOLL_WRITE, pin_user_pages_fast_only, reach, retract_page_tables, scene } from 'mmrace'

/**
 * khugepaged has made a huge page of a file's pages and takes the page tables that mapped them away from a process,
 * whose other thread walks them without locks. A retracted table is freed at once.
 */
export const tableRetraction = scene({
  geometry: { files: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 2, touched: [] })
    return { mm, file }
  },
  cpus: {
    khugepaged: function* ({ file }) {
      yield* retract_page_tables(file, 0)
      yield* reach('retracted')
    },
    gup_fast: function* ({ mm }) {
      const pages = yield* pin_user_pages_fast_only(mm, 0, 1, FOLL_WRITE)
      if (pages.length === 0) yield* reach('not pinned')
    },
  },
  sometimes: ['retracted', 'not pinned'],
})
