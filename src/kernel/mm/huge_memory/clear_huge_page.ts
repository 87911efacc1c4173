import { atomic, type Step } from '../../../engine/model/step.js'
import { nth_page } from '../../include/compound.js'
import type { Folio } from '../../include/page.js'
import { kernel } from '../../kernel.js'

/** mm/memory.c:clear_huge_page. Nobody else has the page yet. */
export const clear_huge_page = (folio: Folio): Step<void> =>
  atomic('clear_huge_page(page)', (m) => {
    for (let i = 0; i < kernel().geometry.ptrsPerPte; i++) m.set(nth_page(folio, i).content, 0)
  })
