import { holds, race, reach, user_read, user_write, violates } from 'mmrace'

export default race({
  name: 'copy-on-write-vs-tlb',
  title: 'a write fault maps a copy while another CPU of the process still has the page it was made of',
  references: ['mm/memory.c:wp_page_copy', 'break-before-make (Arm)'],
  tlb: true,
  geometry: { mms: 2, pages: 4, tables: 2, vmas: 2, anonVmas: 2, anonVmaChains: 3 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    k.fork(mm)
    return { mm }
  },
  cpus: {
    writer: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
    },
    reader: function* ({ mm }) {
      if ((yield* user_read(mm, 0)) !== undefined) yield* reach('read')
    },
  },
  sometimes: ['written', 'read'],
  variants: {
    fixed: { expect: holds, because: 'the old entry is cleared and flushed before the new one is there' },
    'set-before-flush': {
      apply: ['mutant-copy-before-clear'],
      expect: violates('O14', 'all'),
      because: 'one CPU writes to the copy while another reads the page',
    },
  },
})
