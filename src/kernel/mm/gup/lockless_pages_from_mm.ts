import type { Cell } from '../../../engine/model/memory.js'
import type { Steps } from '../../../engine/model/step.js'
import { smp_rmb } from '../../../machine/barrier.js'
import { FOLL_PIN } from '../../include/gup_flags.js'
import type { Mm } from '../../include/mm.js'
import type { Page } from '../../include/page.js'
import { pmd_present, pmd_trans_huge, pte_protnone } from '../../include/pgtable.js'
import { local_irq_restore, local_irq_save } from '../../../machine/irq.js'
import { has, kernel } from '../../kernel.js'
import { pmd_addr_end } from '../addr_end.js'
import { pmd_offset, pmdp_get } from '../pgtable.js'
import { gup_huge_pmd } from './gup_huge_pmd.js'
import { gup_pte_range } from './gup_pte_range.js'
import { gup_can_follow_protnone } from './protnone.js'
import { unpin_user_page } from './unpin_user_page.js'

const NONE: readonly Page[] = []

/** mm/gup.c:gup_pmd_range, one entry: read once, then tested and followed as that local copy. */
export function* gup_pmd_range(pmdp: Cell, address: number, end: number, flags: number): Steps<readonly Page[]> {
  const pmd = yield* pmdp_get(pmdp)
  if (!pmd_present(pmd)) return NONE
  if (!pmd_trans_huge(pmd)) return yield* gup_pte_range(pmd, pmdp, address, end, flags)
  if (pte_protnone(pmd) && !gup_can_follow_protnone(flags)) return NONE
  return yield* gup_huge_pmd(pmd, pmdp, address, end, flags)
}

/** mm/gup.c:gup_pgd_range; the levels above the PMD are folded. */
export function* gup_pgd_range(mm: Mm, start: number, end: number, flags: number): Steps<readonly Page[]> {
  const pages: Page[] = []
  for (let at = start; at < end;) {
    const next = pmd_addr_end(at, end)
    const found = yield* gup_pmd_range(pmd_offset(mm, at), at, next, flags)
    pages.push(...found)
    if (found.length < next - at) break
    at = next
  }
  return pages
}

/**
 * mm/gup.c:lockless_pages_from_mm. The pages from `start` (page numbers) on that could be taken without locks.
 * A fork() that write-protects meanwhile makes a FOLL_PIN walk give all of them up again.
 */
export function* lockless_pages_from_mm(mm: Mm, start: number, end: number, flags: number): Steps<readonly Page[]> {
  if (!kernel().profile.fastGup) return NONE
  const sequenced = flags & FOLL_PIN && has('57efa1fe5957')
  const seq = sequenced ? yield* mm.write_protect_seq.read({ label: 'seq = write_protect_seq' }) : 0
  if (sequenced) yield* smp_rmb()
  if (seq & 1) return NONE
  const irqs = yield* local_irq_save()
  const pages = yield* gup_pgd_range(mm, start, end, flags)
  yield* local_irq_restore(irqs)
  if (sequenced) yield* smp_rmb()
  if (sequenced && (yield* mm.write_protect_seq.read({ label: 'read_seqcount_retry()' })) !== seq) {
    for (const page of pages) yield* unpin_user_page(page)
    return NONE
  }
  return pages
}
