import type { Access } from '../../../engine/model/memory.js'
import type { AnonVma, AnonVmaChain } from '../../include/anon_vma.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { slab_alloc, slab_free } from '../../slab.js'

/* The insides of mm/rmap.c's handling of anon_vma_chains, for steps that run under the locks they need. */

/** Chain links of a VMA, newest first. */
export const chain_of = (m: Access, vma: Vma): AnonVmaChain[] => {
  const { anonVmaChains } = kernel()
  const chain: AnonVmaChain[] = []
  for (let avc = anonVmaChains.at(m.get(vma.anon_vma_chain)); avc; avc = anonVmaChains.at(m.get(avc.same_vma))) chain.push(avc)
  return chain
}

/** VMAs that pages of the anon_vma may be mapped in. */
export const vmas_of = (m: Access, anon_vma: AnonVma): Vma[] => {
  const { anonVmaChains, vmas } = kernel()
  const list: Vma[] = []
  for (let avc = anonVmaChains.at(m.get(anon_vma.rb_root)); avc; avc = anonVmaChains.at(m.get(avc.rb))) {
    list.push(vmas.deref(m.get(avc.vma)))
  }
  return list
}

/** mm/rmap.c:anon_vma_chain_link */
export const anon_vma_chain_link = (m: Access, vma: Vma, anon_vma: AnonVma): void => {
  const avc = slab_alloc(m, kernel().anonVmaChains)
  m.set(avc.vma, vma.ref)
  m.set(avc.anon_vma, anon_vma.ref)
  m.set(avc.same_vma, m.get(vma.anon_vma_chain))
  m.set(vma.anon_vma_chain, avc.ref)
  anon_vma_interval_tree_insert(m, avc, anon_vma)
}

/** The tree as a list in the order in which it is walked: by vm_pgoff, and of equal ones the last inserted last. */
export const anon_vma_interval_tree_insert = (m: Access, avc: AnonVmaChain, anon_vma: AnonVma): void => {
  const { anonVmaChains, vmas } = kernel()
  const pgoff = (at: AnonVmaChain): number => m.get(vmas.deref(m.get(at.vma)).vm_pgoff)
  const own = pgoff(avc)
  let link = anon_vma.rb_root
  for (let at = anonVmaChains.at(m.get(link)); at && pgoff(at) <= own; at = anonVmaChains.at(m.get(link))) link = at.rb
  m.set(avc.rb, m.get(link))
  m.set(link, avc.ref)
}

/** mm/mmap.c:anon_vma_interval_tree_pre_update_vma: the VMA leaves its trees while its range changes. */
export const anon_vma_interval_tree_pre_update_vma = (m: Access, vma: Vma): void => {
  for (const avc of chain_of(m, vma)) anon_vma_interval_tree_remove(m, avc, kernel().anonVmas.deref(m.get(avc.anon_vma)))
}

/** mm/mmap.c:anon_vma_interval_tree_post_update_vma */
export const anon_vma_interval_tree_post_update_vma = (m: Access, vma: Vma): void => {
  for (const avc of chain_of(m, vma)) anon_vma_interval_tree_insert(m, avc, kernel().anonVmas.deref(m.get(avc.anon_vma)))
}

/** Takes the link out of the tree of its anon_vma. */
export const anon_vma_interval_tree_remove = (m: Access, avc: AnonVmaChain, anon_vma: AnonVma): void => {
  const { anonVmaChains } = kernel()
  let cell = anon_vma.rb_root
  for (let at = anonVmaChains.deref(m.get(cell)); at !== avc; at = anonVmaChains.deref(m.get(cell))) cell = at.rb
  m.set(cell, m.get(avc.rb))
}

/** mm/rmap.c:anon_vma_alloc */
export const anon_vma_alloc = (m: Access): AnonVma => {
  const anon_vma = slab_alloc(m, kernel().anonVmas)
  m.set(anon_vma.refcount, 1)
  m.set(anon_vma.num_children, 0)
  m.set(anon_vma.num_active_vmas, 0)
  m.set(anon_vma.parent, anon_vma.ref)
  m.set(anon_vma.root, anon_vma.ref)
  m.set(anon_vma.rb_root, 0)
  return anon_vma
}

const drop = (m: Access, anon_vma: AnonVma): boolean => {
  const left = m.get(anon_vma.refcount) - 1
  m.set(anon_vma.refcount, left)
  if (left === 0) slab_free(m, kernel().anonVmas, anon_vma)
  return left === 0
}

/** mm/rmap.c:put_anon_vma. The last one also drops its reference to the root. */
export const put_anon_vma = (m: Access, anon_vma: AnonVma): void => {
  const root = kernel().anonVmas.deref(m.get(anon_vma.root))
  if (drop(m, anon_vma) && root !== anon_vma) drop(m, root)
}
