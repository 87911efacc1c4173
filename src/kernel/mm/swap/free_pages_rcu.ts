import type { Kernel } from '../../kernel.js'
import { free_folio } from '../page_alloc.js'

/** What if pages, too, were freed by call_rcu()? Each gets an rcu_head. Of kernels with the patch "pages-through-rcu". */
export function give_pages_rcu_heads(kernel: Kernel): void {
  for (const page of kernel.memory.pages) {
    if (page) kernel.pageHeads.set(page, kernel.machine.rcu.head(`page${page.pfn}`, (m) => free_folio(m, page)))
  }
}
