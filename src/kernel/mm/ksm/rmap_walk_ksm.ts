import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import type { AnonVma } from '../../include/anon_vma.js'
import type { RmapItem } from '../../include/ksm.js'
import type { Folio } from '../../include/page.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { down_read, down_read_trylock, up_read } from '../../locking/rwsem.js'
import { vmas_of } from '../rmap/anon_vma_chain.js'
import { folio_mapped } from '../rmap/mapcount.js'
import type { RmapWalkControl } from '../rmap/rmap_walk_control.js'

/** The VMAs that have the item's address: first those of its own mm, then those of mms forked from it. */
const covering = (item: RmapItem, anon_vma: AnonVma, forks: boolean): Step<readonly Vma[]> =>
  atomic('anon_vma_interval_tree_foreach', (m) => {
    const address = m.get(item.address)
    return vmas_of(m, anon_vma).filter((vma) =>
      address >= m.get(vma.vm_start) && address < m.get(vma.vm_end) && (m.get(item.mm) !== m.get(vma.vm_mm)) === forks)
  })

/** False ends the walk. */
function* visit<A>(folio: Folio, item: RmapItem, vmas: readonly Vma[], rwc: RmapWalkControl<A>): Steps<boolean> {
  const address = yield* load(item.address, { label: 'rmap_item->address' })
  for (const vma of vmas) {
    if (!(yield* rwc.rmap_one(folio, vma, address, rwc.arg))) return false
    if (rwc.until_unmapped && !(yield* folio_mapped(folio))) return false
  }
  return true
}

function* walk_item<A>(folio: Folio, item: RmapItem, forks: boolean, rwc: RmapWalkControl<A>): Steps<boolean | 'contended'> {
  const { anonVmas } = kernel()
  const anon_vma = anonVmas.deref(yield* load(item.anon_vma, { label: 'rmap_item->anon_vma' }))
  const { rwsem } = anonVmas.deref(yield* load(anon_vma.root, { label: 'anon_vma->root' }))
  if (!rwc.try_lock) yield* down_read(rwsem, 'anon_vma_lock_read(anon_vma)')
  else if (!(yield* down_read_trylock(rwsem, 'anon_vma_trylock_read(anon_vma)'))) return 'contended'
  const more = yield* visit(folio, item, yield* covering(item, anon_vma, forks), rwc)
  yield* up_read(rwsem, 'anon_vma_unlock_read()')
  return more
}

/** mm/ksm.c:rmap_walk_ksm. The folio is locked, which keeps its stable node as it is. False: rwc->contended. */
export function* rmap_walk_ksm<A>(folio: Folio, stable_node: number, rwc: RmapWalkControl<A>): Steps<boolean> {
  const { ksm } = kernel()
  const node = ksm.nodes.at(stable_node)
  if (!node) return true
  for (const forks of [false, true]) {
    for (let ref = yield* load(node.hlist, { label: 'stable_node->hlist' }); ref;) {
      const item = ksm.items.deref(ref)
      const more = yield* walk_item(folio, item, forks, rwc)
      if (more !== true) return more !== 'contended'
      ref = yield* load(item.hlist, { label: 'rmap_item->hlist.next' })
    }
  }
  return true
}
