import { change, compound_head, do_wp_page, folio_get, spin_unlock, vm_normal_page, wp_page_copy } from 'mmrace'

export default change({
  id: 'always-copy',
  title: 'a write fault never reuses a page',
  replace: [[do_wp_page, function* (vmf) {
    const page = yield* vm_normal_page(vmf.vma, vmf.address, vmf.orig_pte)
    if (page) yield* folio_get(yield* compound_head(page))
    yield* spin_unlock(vmf.ptl)
    return yield* wp_page_copy(vmf, page)
  }]],
})
