import { guest_read, holds, race, reach, register_for_each_vma, violates } from 'mmrace'

const BREAKPOINT = 9
const INSTRUCTION = 0

export default race({
  name: 'kvm-fault-vs-uprobe',
  title: 'a breakpoint is put into code that a device reads, and taken out again (uprobes)',
  seed: 'S3',
  references: ['kernel/events/uprobes.c:__replace_page', 'Documentation/mm/mmu_notifier.rst'],
  geometry: { files: 1, filePages: 1, mms: 2, vmas: 3, tables: 2, pages: 4 },
  setup: (k) => {
    const { file } = k.shared(k.mm(), { pages: 1, value: INSTRUCTION })
    const mm = k.mm()
    k.privateFile(mm, file)
    k.read(mm, 0)
    return { mm, mmu: k.secondaryMmu(mm) }
  },
  cpus: {
    device: function* ({ mm, mmu }) {
      yield* reach((yield* guest_read(mmu, mm, 0)) === BREAKPOINT ? 'breakpoint' : 'instruction')
    },
    debugger: function* ({ mm }) {
      yield* register_for_each_vma(mm, 0, BREAKPOINT, true)
      yield* register_for_each_vma(mm, 0, INSTRUCTION, false)
    },
  },
  sometimes: ['breakpoint', 'instruction'],
  oracles: ['O2', 'O9', 'O10', 'O12', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'told before one page takes the place of another, and after' },
    'without-notifier': {
      apply: ['mutant-uprobes-without-notifier'],
      expect: violates('O10', 'all'),
      because: 'the device goes on with the page that was there before',
    },
    'no-retry': { apply: ['kvm-no-retry'], expect: violates('O10', 'all'), because: 'the page was looked up before it was replaced' },
  },
})
