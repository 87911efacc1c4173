import type { Cell } from '../../../engine/model/memory.js'
import type { Steps } from '../../../engine/model/step.js'
import { FOLL_GET, FOLL_PIN, FOLL_TOUCH, FOLL_WRITE } from '../../include/gup_flags.js'
import type { Mm } from '../../include/mm.js'
import { type Pmd, pmd_pfn, pmd_write, pte_mkdirty, pte_mkyoung } from '../../include/pgtable.js'
import { kernel } from '../../kernel.js'
import { get_dev_pagemap, put_dev_pagemap } from '../memremap/get_dev_pagemap.js'
import { pte_index } from '../pgtable.js'
import { set_access_flags } from '../pgtable_generic.js'
import type { Followed } from './follow_page.js'
import { try_grab_page } from './try_grab_page.js'

/** mm/huge_memory.c:follow_devmap_pmd, under the PMD lock. GUP drops the reference to the pagemap when it has the page's. */
export function* follow_devmap_pmd(mm: Mm, pmdp: Cell, pmd: Pmd, address: number, flags: number): Steps<Followed> {
  const write = (flags & FOLL_WRITE) !== 0
  if (write && !pmd_write(pmd)) return 'none'
  if (flags & FOLL_TOUCH) {
    yield* set_access_flags(mm, address, pmdp, pmd, write ? pte_mkdirty(pte_mkyoung(pmd)) : pte_mkyoung(pmd), write)
  }
  if (!(flags & (FOLL_GET | FOLL_PIN))) return 'no-struct-page'
  const pfn = pmd_pfn(pmd) + pte_index(address)
  const pgmap = yield* get_dev_pagemap(pfn)
  if (!pgmap) return 'no-struct-page'
  const page = kernel().page(pfn)
  const got = yield* try_grab_page(page, flags)
  yield* put_dev_pagemap(pgmap)
  return got ? page : 'overflow'
}
