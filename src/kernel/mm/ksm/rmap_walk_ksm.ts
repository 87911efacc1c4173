import type { Steps } from '../../../engine/model/step.js'
import type { Folio } from '../../include/page.js'
import type { RmapWalkControl } from '../rmap/rmap_walk.js'

export function* rmap_walk_ksm<A>(_folio: Folio, _stable_node: number, _rwc: RmapWalkControl<A>): Steps {}
