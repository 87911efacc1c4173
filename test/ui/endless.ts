import { FOLL_WRITE, holds, pin_user_pages_fast_only, race, reach } from 'mmrace'

/** Not in the command, which would end it: then there would be no page. */
const inPage = !('process' in globalThis)

/** Model code that loops without a step, once it is in the page. */
export default race({
  name: 'endless',
  title: 'a loop without a step',
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm }
  },
  cpus: {
    gup: function* ({ mm }) {
      yield* pin_user_pages_fast_only(mm, 0, 1, FOLL_WRITE)
      // oxlint-disable-next-line no-unmodified-loop-condition -- that is the fault
      for (;inPage;);
      yield* reach('done')
    },
  },
  sometimes: ['done'],
  variants: { fixed: { expect: holds } },
})
