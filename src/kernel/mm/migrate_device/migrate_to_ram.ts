import type { Steps } from '../../../engine/model/step.js'
import { type PteFault, VM_FAULT_SIGBUS } from '../../include/fault.js'

/** The page's dev_pagemap_ops->migrate_to_ram(). No device has memory of its own yet. */
export function* migrate_to_ram(_vmf: PteFault): Steps<number> {
  return VM_FAULT_SIGBUS
}
