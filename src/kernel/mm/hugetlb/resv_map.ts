import type { Access } from '../../../engine/model/memory.js'
import { atomic, type Step } from '../../../engine/model/step.js'
import { HPAGE_RESV_OWNER, type ResvMap } from '../../include/resv_map.js'
import { VM_MAYSHARE, VM_NORESERVE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'

/*
 * mm/hugetlb.c: reservation maps. What resv->lock protects is one step. A region is a set of bits here; the cache of its
 * descriptors, and with it region_abort() and vma_end_reservation(), is about memory for a list, and left out.
 */

/** The bits of the places [from, to). */
const mask = (from: number, to: number): number => (to - from >= 31 ? ~0 : (1 << (to - from)) - 1) << from

const count = (bits: number): number => {
  let n = 0
  for (let rest = bits >>> 0; rest; rest = (rest & (rest - 1)) >>> 0) n++
  return n
}

/** How many of the places are in the map. */
export const region_bits = (m: Access, resv: ResvMap, from: number, to: number): number => count(mask(from, to) & m.get(resv.regions))

/** region_chg: how many of the places are not in the map. */
const chg = (m: Access, resv: ResvMap, from: number, to: number): number => count(mask(from, to) & ~m.get(resv.regions))

/** region_add: puts them in. How many were not. */
const add = (m: Access, resv: ResvMap, from: number, to: number): number => {
  const added = chg(m, resv, from, to)
  m.set(resv.regions, m.get(resv.regions) | mask(from, to))
  return added
}

/** region_del: takes them out. How many were in. */
const del = (m: Access, resv: ResvMap, from: number, to: number): number => {
  const removed = region_bits(m, resv, from, to)
  m.set(resv.regions, m.get(resv.regions) & ~mask(from, to))
  return removed
}

export const region_chg = (resv: ResvMap, from: number, to: number): Step => atomic('region_chg(resv)', (m) => chg(m, resv, from, to))
export const region_add = (resv: ResvMap, from: number, to: number): Step => atomic('region_add(resv)', (m) => add(m, resv, from, to))
export const region_del = (resv: ResvMap, from: number, to: number): Step => atomic('region_del(resv)', (m) => del(m, resv, from, to))
export const region_count = (resv: ResvMap, from: number, to: number): Step =>
  atomic('region_count(resv)', (m) => region_bits(m, resv, from, to))

/** vma_resv_map: of the file, or of the process that called mmap(). */
export const vma_resv_map = (m: Access, vma: Vma): ResvMap | undefined => {
  const { files, resvMaps } = kernel()
  if (m.get(vma.vm_flags) & VM_MAYSHARE) return files.deref(m.get(vma.vm_file)).resv_map
  return resvMaps.at(m.get(vma.vm_private_data) >>> 2)
}

const is_owner = (m: Access, vma: Vma): boolean => (m.get(vma.vm_private_data) & HPAGE_RESV_OWNER) !== 0

/** is_vma_resv_set */
export const is_vma_resv_set = (vma: Vma, flag: number): Step<boolean> =>
  atomic('is_vma_resv_set(vma)', (m) => (m.get(vma.vm_private_data) & flag) !== 0)

/** vma_has_reserves: whether an allocation takes a page that was set aside. `change`: what the map says (0: there is one). */
export const vma_has_reserves = (m: Access, vma: Vma, change: number): boolean => {
  const shared = (m.get(vma.vm_flags) & VM_MAYSHARE) !== 0
  if (m.get(vma.vm_flags) & VM_NORESERVE) return shared && change === 0
  return (shared || is_owner(m, vma)) && change === 0
}

type Change = (m: Access, resv: ResvMap, from: number, to: number) => number

/** __vma_reservation_common, of one page. In a private map a page that is not there is set aside: the opposite of a file's. */
const common = (m: Access, vma: Vma, address: number, shared: Change, priv: Change): number => {
  const resv = vma_resv_map(m, vma)
  if (!resv) return 1
  const index = address - m.get(vma.vm_start) + m.get(vma.vm_pgoff)
  if (m.get(vma.vm_flags) & VM_MAYSHARE) return shared(m, resv, index, index + 1)
  return priv(m, resv, index, index + 1) > 0 ? 0 : 1
}

/** 0: a page is set aside for this address. */
export const vma_needs_reservation = (vma: Vma, address: number): Step =>
  atomic('vma_needs_reservation(vma)', (m) => common(m, vma, address, chg, chg))

export const vma_commit_reservation = (vma: Vma, address: number): Step =>
  atomic('vma_commit_reservation(vma)', (m) => common(m, vma, address, add, add))

export const vma_add_reservation = (vma: Vma, address: number): Step =>
  atomic('vma_add_reservation(vma)', (m) => common(m, vma, address, add, del))

export const vma_del_reservation = (vma: Vma, address: number): Step =>
  atomic('vma_del_reservation(vma)', (m) => common(m, vma, address, del, add))
