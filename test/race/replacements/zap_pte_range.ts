import { change, original, tlb_flush_mmu_tlbonly, zap_pte_range } from 'mmrace'

export default change({
  id: 'flush-each-table',
  title: 'a zap flushes after each page table',
  replace: [[zap_pte_range, function* (mm, tlb, vma, pmdp, pmd, address, end, details) {
    const at = yield* original(zap_pte_range)(mm, tlb, vma, pmdp, pmd, address, end, details)
    yield* tlb_flush_mmu_tlbonly(mm, tlb)
    return at
  }]],
})
