import type { Cell, Memory } from '../../../engine/model/memory.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { DevPagemap } from '../../include/dev_pagemap.js'
import { Srcu } from '../../include/srcu.js'

/** drivers/dax/dax-private.h:struct dev_dax, with its dax_device: memory of a device that is mapped linearly. */
export class DevDax {
  /** DAXDEV_ALIVE. */
  readonly alive: Cell
  /** drivers/dax/super.c:dax_srcu. */
  readonly dax_srcu: Srcu
  /** The device file. Set when that is opened. */
  mapping: AddressSpace | undefined

  /** `align`: pages that one entry maps. */
  constructor(memory: Memory, readonly pgmap: DevPagemap, readonly align: number) {
    this.alive = memory.cell('dev_dax.alive', 1)
    this.dax_srcu = new Srcu(memory, 'dax')
  }
}
