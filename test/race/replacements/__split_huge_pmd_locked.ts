import { __split_huge_pmd_locked, change, kernel, original, pmd_pfn, pmdp_get, put_page } from 'mmrace'

export default change({
  id: 'split-drops-reference',
  title: 'splitting a huge mapping drops a reference to the page',
  replace: [[__split_huge_pmd_locked, function* (mm, vma, pmdp, haddr, freeze) {
    const page = kernel().page(pmd_pfn(yield* pmdp_get(pmdp)))
    yield* original(__split_huge_pmd_locked)(mm, vma, pmdp, haddr, freeze)
    yield* put_page(page)
  }]],
})
