import { reach, scene, sys_munmap, user_read } from 'mmrace'

/** A thread unmaps the only page of a process, with the page table that maps it, while another reads it. */
export const munmapVsRead = scene({
  tlb: true,
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm }
  },
  cpus: {
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
    user: function* ({ mm }) {
      if ((yield* user_read(mm, 0)) === undefined) yield* reach('signal')
    },
  },
  sometimes: ['unmapped', 'signal'],
})
