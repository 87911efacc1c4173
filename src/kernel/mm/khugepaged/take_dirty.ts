import type { Cell } from '../../../engine/model/memory.js'
import { setBits, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { PG_dirty } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { pte_dirty } from '../../include/pgtable.js'
import { has } from '../../kernel.js'
import { ptep_get_and_clear } from '../pgtable_generic.js'

/** A proposal: an entry goes, and what it knows of writes goes to the folio. As released nobody asks. */
export function* take_dirty(mm: Mm, address: number, ptep: Cell, hpage: Folio): Steps {
  if (!has('collapse-keeps-dirty')) return
  if (pte_dirty(yield* ptep_get_and_clear(mm, address, ptep))) yield* setBits(hpage.flags, PG_dirty, { label: 'folio_mark_dirty(folio)' })
}
