// A change of your own to the kernel. Does it close a race?  mmrace check gup-fast-vs-thp-collapse --bug --change recheck-pmd.ts
// And does it break another?  mmrace matrix --all --change recheck-pmd.ts
import { change, gup_pte_range, gup_put_folio, load, original } from 'mmrace'

export default change({
  id: 'recheck-pmd',
  title: 'GUP-fast looks at the PMD again when it has its references',

  // A kernel function, and what runs in its place: the same parameters. original() has the function itself.
  replace: [[gup_pte_range, function* (pmd, pmdp, address, end, flags) {
    const pages = yield* original(gup_pte_range)(pmd, pmdp, address, end, flags)
    if ((yield* load(pmdp, { label: 'pmd == *pmdp?' })) === pmd) return pages
    for (const page of pages) yield* gup_put_folio(page, 1, flags)
    return []
  }]],
})
