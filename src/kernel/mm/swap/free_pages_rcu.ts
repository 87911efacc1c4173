import type { Kernel } from '../../kernel.js'
import { free_folio } from '../page_alloc.js'

/** What if pages, too, were freed by call_rcu()? Each gets an rcu_head: on kernels with the change "pages-through-rcu". */
export function give_pages_rcu_heads({ changes, machine: { rcu }, memory, pageHeads }: Kernel): void {
  if (!changes.ids.has('pages-through-rcu')) return
  for (const page of memory.pages) if (page) pageHeads.set(page, rcu.head(`page${page.pfn}`, (m) => free_folio(m, page)))
}
