import type { Access } from '../../../engine/model/memory.js'
import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import { folio_nr_pages } from '../../include/compound.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { AnonVma } from '../../include/anon_vma.js'
import { type Folio, PAGE_MAPPING_ANON, PAGE_MAPPING_FLAGS, PAGE_MAPPING_KSM } from '../../include/page.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { down_read, down_read_trylock, up_read } from '../../locking/rwsem.js'
import { vmas_of } from './anon_vma_chain.js'
import { folio_mapped } from './mapcount.js'
import type { RmapWalkControl } from './rmap_walk_control.js'
import { rmap_walk_ksm } from '../ksm/rmap_walk_ksm.js'

type Place = readonly [vma: Vma, address: number]

/** mm/internal.h:vma_address: where the pages from `pgoff` on begin in the VMA. */
export const vma_address = (m: Access, vma: Vma, pgoff: number, nr: number): number | undefined => {
  const start = m.get(vma.vm_start)
  const first = m.get(vma.vm_pgoff)
  if (pgoff < first) return pgoff + nr - 1 >= first ? start : undefined
  const address = start + pgoff - first
  return address < m.get(vma.vm_end) ? address : undefined
}

const places = (m: Access, vmas: readonly Vma[], pgoff: number, nr: number): readonly Place[] =>
  vmas.flatMap((vma): Place[] => {
    const address = vma_address(m, vma, pgoff, nr)
    return address === undefined ? [] : [[vma, address]]
  })

/** The trees only change under the lock that the walk holds, so one step sees all of it. */
const anon_places = (anon_vma: AnonVma, pgoff: number, nr: number): Step<readonly Place[]> =>
  atomic('anon_vma_interval_tree_foreach', (m) => places(m, vmas_of(m, anon_vma), pgoff, nr))

const file_places = (mapping: AddressSpace, pgoff: number, nr: number): Step<readonly Place[]> =>
  atomic('vma_interval_tree_foreach', (m) => {
    const { vmas } = kernel()
    const list: Vma[] = []
    for (let vma = vmas.at(m.get(mapping.i_mmap)); vma; vma = vmas.at(m.get(vma.i_mmap))) list.push(vma)
    return places(m, list, pgoff, nr)
  })

function* visit<A>(folio: Folio, found: readonly Place[], rwc: RmapWalkControl<A>): Steps {
  for (const [vma, address] of found) {
    if (!(yield* rwc.rmap_one(folio, vma, address, rwc.arg))) return
    if (rwc.until_unmapped && !(yield* folio_mapped(folio))) return
  }
}

/** mm/rmap.c:folio_anon_vma */
export function* folio_anon_vma(folio: Folio): Steps<AnonVma | undefined> {
  const mapping = yield* load(folio.mapping, { label: 'folio_anon_vma(folio)' })
  return (mapping & PAGE_MAPPING_FLAGS) === PAGE_MAPPING_ANON ? kernel().anon_vma(mapping) : undefined
}

/** mm/rmap.c:rmap_walk_anon_lock and folio_lock_anon_vma_read. 'contended', with try_lock. */
export function* rmap_walk_anon_lock(folio: Folio, only_mapped: boolean, try_lock: boolean): Steps<AnonVma | 'contended' | undefined> {
  const anon_vma = yield* folio_anon_vma(folio)
  if (!anon_vma || (only_mapped && !(yield* folio_mapped(folio)))) return undefined
  if (!try_lock) yield* anon_vma_lock_read(anon_vma)
  else if (!(yield* down_read_trylock((yield* anon_vma_root(anon_vma)).rwsem, 'anon_vma_trylock_read(anon_vma)'))) return 'contended'
  if (!only_mapped || (yield* folio_mapped(folio))) return anon_vma
  yield* anon_vma_unlock_read(anon_vma)
  return undefined
}

export function* anon_vma_root(anon_vma: AnonVma): Steps<AnonVma> {
  return kernel().anonVmas.deref(yield* load(anon_vma.root, { label: 'anon_vma->root' }))
}

export function* anon_vma_lock_read(anon_vma: AnonVma): Steps {
  yield* down_read((yield* anon_vma_root(anon_vma)).rwsem, 'anon_vma_lock_read(anon_vma)')
}

export function* anon_vma_unlock_read(anon_vma: AnonVma): Steps {
  yield* up_read((yield* anon_vma_root(anon_vma)).rwsem, 'anon_vma_unlock_read()')
}

function* rmap_walk_anon<A>(folio: Folio, rwc: RmapWalkControl<A>): Steps<boolean> {
  const anon_vma = rwc.locked ? yield* folio_anon_vma(folio) : yield* rmap_walk_anon_lock(folio, rwc.only_mapped ?? false, rwc.try_lock ?? false)
  if (anon_vma === 'contended') return false
  if (!anon_vma) return true
  const pgoff = yield* load(folio.index, { label: 'folio_pgoff(folio)' })
  yield* visit(folio, yield* anon_places(anon_vma, pgoff, yield* folio_nr_pages(folio)), rwc)
  if (!rwc.locked) yield* anon_vma_unlock_read(anon_vma)
  return true
}

function* lock_file_rmap(mapping: AddressSpace, try_lock: boolean): Steps<boolean> {
  if (try_lock) return yield* down_read_trylock(mapping.i_mmap_rwsem, 'i_mmap_trylock_read(mapping)')
  yield* down_read(mapping.i_mmap_rwsem, 'i_mmap_lock_read(mapping)')
  return true
}

function* rmap_walk_file<A>(folio: Folio, mapping: AddressSpace, rwc: RmapWalkControl<A>): Steps<boolean> {
  const pgoff = yield* load(folio.index, { label: 'folio_pgoff(folio)' })
  const nr = yield* folio_nr_pages(folio)
  if (!rwc.locked && !(yield* lock_file_rmap(mapping, rwc.try_lock ?? false))) return false
  yield* visit(folio, yield* file_places(mapping, pgoff, nr), rwc)
  if (!rwc.locked) yield* up_read(mapping.i_mmap_rwsem, 'i_mmap_unlock_read(mapping)')
  return true
}

/** mm/rmap.c:rmap_walk: calls rmap_one for every VMA that may map the folio, which is locked. False: rwc->contended. */
export function* rmap_walk<A>(folio: Folio, rwc: RmapWalkControl<A>): Steps<boolean> {
  const mapping = yield* load(folio.mapping, { label: 'folio->mapping' })
  const kind = mapping & PAGE_MAPPING_FLAGS
  if (kind === PAGE_MAPPING_KSM) return yield* rmap_walk_ksm(folio, mapping >>> 2, rwc)
  if (kind === PAGE_MAPPING_ANON) return yield* rmap_walk_anon(folio, rwc)
  const file = kernel().files.at(mapping >>> 2)
  return file ? yield* rmap_walk_file(folio, file, rwc) : true
}
