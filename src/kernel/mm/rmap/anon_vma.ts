import type { Access } from '../../../engine/model/memory.js'
import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import type { AnonVma } from '../../include/anon_vma.js'
import { add } from '../../include/cells.js'
import { GFP_KERNEL } from '../../include/gfp.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { slab_free } from '../../slab.js'
import { might_alloc } from '../might_alloc.js'
import { find_mergeable_anon_vma } from '../mmap/vma_compatible.js'
import { anon_vma_alloc, anon_vma_chain_link, anon_vma_interval_tree_remove, chain_of, put_anon_vma } from './anon_vma_chain.js'

/** mm/rmap.c:__anon_vma_prepare, the part under page_table_lock and the anon_vma lock. */
export const __anon_vma_prepare = (m: Access, vma: Vma): void => {
  if (m.get(vma.anon_vma)) return
  let anon_vma = find_mergeable_anon_vma(m, vma)
  if (!anon_vma) {
    anon_vma = anon_vma_alloc(m)
    add(m, anon_vma.num_children, 1)
  }
  m.set(vma.anon_vma, anon_vma.ref)
  anon_vma_chain_link(m, vma, anon_vma)
  add(m, anon_vma.num_active_vmas, 1)
}

/** include/linux/rmap.h:anon_vma_prepare. */
export function* anon_vma_prepare(vma: Vma): Steps {
  if (yield* load(vma.anon_vma, { label: 'vma->anon_vma' })) return
  yield* might_alloc(GFP_KERNEL)
  yield* atomic('__anon_vma_prepare(vma)', (m) => __anon_vma_prepare(m, vma))
}

/** mm/rmap.c:anon_vma_clone, inside a step. An anon_vma left by an exited child may be taken over. */
export const anon_vma_clone = (m: Access, dst: Vma, src: Vma): void => {
  const { anonVmas } = kernel()
  const active = m.get(src.anon_vma)
  for (const link of chain_of(m, src).toReversed()) {
    const anon_vma = anonVmas.deref(m.get(link.anon_vma))
    anon_vma_chain_link(m, dst, anon_vma)
    const reusable = m.get(anon_vma.num_children) < 2 && m.get(anon_vma.num_active_vmas) === 0
    if (!m.get(dst.anon_vma) && active && reusable) m.set(dst.anon_vma, anon_vma.ref)
  }
  const taken = anonVmas.at(m.get(dst.anon_vma))
  if (taken) add(m, taken.num_active_vmas, 1)
}

const fork_anon_vma = (vma: Vma, parent: Vma): Step<void> =>
  atomic('anon_vma_fork(vma, pvma)', (m) => {
    const { anonVmas } = kernel()
    const above: AnonVma | undefined = anonVmas.at(m.get(parent.anon_vma))
    m.set(vma.anon_vma, 0)
    m.set(vma.anon_vma_chain, 0)
    if (!above) return
    anon_vma_clone(m, vma, parent)
    if (m.get(vma.anon_vma)) return
    const own = anon_vma_alloc(m)
    add(m, own.num_active_vmas, 1)
    m.set(own.root, m.get(above.root))
    m.set(own.parent, above.ref)
    add(m, anonVmas.deref(m.get(above.root)).refcount, 1)
    m.set(vma.anon_vma, own.ref)
    anon_vma_chain_link(m, vma, own)
    add(m, above.num_children, 1)
  })

/** mm/rmap.c:anon_vma_fork. The child's VMA gets the parent's anon_vmas and one of its own. */
export function* anon_vma_fork(vma: Vma, parent: Vma): Steps {
  yield* might_alloc(GFP_KERNEL)
  yield* fork_anon_vma(vma, parent)
}

/** mm/rmap.c:unlink_anon_vmas, inside a step. */
export const unlink_anon_vmas = (m: Access, vma: Vma): void => {
  const { anonVmas, anonVmaChains } = kernel()
  const empty: AnonVma[] = []
  for (const avc of chain_of(m, vma)) {
    const anon_vma = anonVmas.deref(m.get(avc.anon_vma))
    anon_vma_interval_tree_remove(m, avc, anon_vma)
    slab_free(m, anonVmaChains, avc)
    if (m.get(anon_vma.rb_root)) continue
    add(m, anonVmas.deref(m.get(anon_vma.parent)).num_children, -1)
    empty.push(anon_vma)
  }
  m.set(vma.anon_vma_chain, 0)
  const active = anonVmas.at(m.get(vma.anon_vma))
  if (active) add(m, active.num_active_vmas, -1)
  m.set(vma.anon_vma, 0)
  for (const anon_vma of empty) put_anon_vma(m, anon_vma)
}
