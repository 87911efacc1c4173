import { change, original, tlb_flush_mmu_tlbonly, unmap_page_range } from 'mmrace'

export default change({
  id: 'flush-each-vma',
  title: 'a zap flushes after each VMA',
  replace: [[unmap_page_range, function* (mm, tlb, vma, address, end, details) {
    yield* original(unmap_page_range)(mm, tlb, vma, address, end, details)
    yield* tlb_flush_mmu_tlbonly(mm, tlb)
  }]],
})
