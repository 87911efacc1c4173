import { type Steps, store } from '../../../engine/model/step.js'
import { has } from '../../kernel.js'
import { synchronize_srcu } from '../../locking/srcu.js'
import { unmap_mapping_pages } from '../../mm/memory/unmap_mapping_range.js'
import { memunmap_pages } from '../../mm/memremap/memunmap_pages.js'
import type { DevDax } from './dev_dax.js'

/** drivers/dax/super.c:kill_dax: faults that begin from now on are refused, and those under way have ended. */
export function* kill_dax(dev_dax: DevDax): Steps {
  yield* store(dev_dax.alive, 0, { label: 'clear_bit(DAXDEV_ALIVE)' })
  if (!has('mutant-no-srcu-wait')) yield* synchronize_srcu(dev_dax.dax_srcu)
}

/** drivers/dax/bus.c:kill_dev_dax */
export function* kill_dev_dax(dev_dax: DevDax): Steps {
  yield* kill_dax(dev_dax)
  const { mapping } = dev_dax
  if (mapping) yield* unmap_mapping_pages(mapping, 0, mapping.i_pages.length, true)
}

/** Unbinding the driver: nobody maps the device any more, then its memory goes. */
export function* dev_dax_unbind(dev_dax: DevDax): Steps {
  yield* kill_dev_dax(dev_dax)
  yield* memunmap_pages(dev_dax.pgmap)
}
