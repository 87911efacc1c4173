import { load, type Steps, store } from '../../../engine/model/step.js'
import { type Folio, PAGE_MAPPING_FLAGS, PAGE_MAPPING_KSM } from '../../include/page.js'
import { kernel } from '../../kernel.js'

/** mm/ksm.c:folio_migrate_ksm. The stable node follows the page; get_ksm_page() looks at kpfn first, then at the mapping. */
export function* folio_migrate_ksm(dst: Folio, src: Folio): Steps {
  const mapping = yield* load(src.mapping, { label: 'folio_stable_node(folio)' })
  const node = (mapping & PAGE_MAPPING_FLAGS) === PAGE_MAPPING_KSM ? kernel().ksm.nodes.at(mapping >>> 2) : undefined
  if (!node) return
  yield* store(node.kpfn, dst.pfn, { label: 'stable_node->kpfn = newpfn' })
  yield* store(src.mapping, PAGE_MAPPING_KSM, { label: 'set_page_stable_node(NULL)' })
}
