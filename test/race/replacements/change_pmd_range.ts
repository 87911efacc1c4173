import { change, change_pmd_range, flush_tlb_mm, original } from 'mmrace'

export default change({
  id: 'flush-anyway',
  title: 'mprotect flushes whatever it found',
  replace: [[change_pmd_range, function* (mm, tlb, vma, start, end, prot) {
    yield* original(change_pmd_range)(mm, tlb, vma, start, end, prot)
    yield* flush_tlb_mm(mm)
  }]],
})
