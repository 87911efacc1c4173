import { fetchAdd, type Steps, store, until } from '../../../engine/model/step.js'
import { synchronize_rcu } from '../../../machine/rcu.js'
import type { DevPagemap } from '../../include/dev_pagemap.js'
import { has } from '../../kernel.js'
import { put_page } from '../swap/folio_put.js'

/** lib/percpu-refcount.c:percpu_ref_kill: nobody new, and after a grace period the count is one count again. */
export function* percpu_ref_kill(pgmap: DevPagemap): Steps {
  yield* store(pgmap.dead, 1, { label: 'percpu_ref_kill(&pgmap->ref)' })
  if (!has('mutant-kill-without-grace-period')) yield* synchronize_rcu()
  yield* fetchAdd(pgmap.ref, -1, { label: 'percpu_ref_put(&pgmap->ref)' })
}

/** mm/memremap.c:memunmap_pages: the memory goes, and its struct pages, when nobody has a reference to the pagemap. */
export function* memunmap_pages(pgmap: DevPagemap): Steps {
  const base = pgmap.type === 'private' || pgmap.type === 'coherent' ? 0 : pgmap.pages.length
  yield* percpu_ref_kill(pgmap)
  if (has('pgmap-waits-for-pages')) for (const page of pgmap.pages) yield* put_page(page)
  else if (base && !has('mutant-base-references-kept')) yield* fetchAdd(pgmap.ref, -base, { label: 'percpu_ref_put_many(&pgmap->ref)' })
  if (has('50f44ee7248a')) yield* until(pgmap.ref, (refs) => refs === 0, { label: 'wait_for_completion(&pgmap->done)' })
  yield* store(pgmap.memmap, 0, { label: 'arch_remove_memory()' })
  yield* synchronize_rcu()
}
