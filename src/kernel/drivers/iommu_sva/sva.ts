import type { Cell, Memory } from '../../../engine/model/memory.js'
import type { Iommu } from '../../../machine/iommu.js'
import { MmuNotifier, type MmuNotifierOps } from '../../include/mmu_notifier.js'
import { format_word } from '../../include/format_word.js'
import type { MmuNotifiers } from '../../mm/mmu_notifier/mmu_notifiers.js'

/** struct iommu_sva: a device that works on the addresses of a process, through the process' own page tables. */
export class Sva {
  readonly notifier: MmuNotifier
  /** By address: the translation that the device used last and therefore has; 0 for none. */
  readonly held: readonly Cell[]

  constructor(memory: Memory, readonly iommu: Iommu, taskSize: number, notifiers: MmuNotifiers) {
    const name = iommu.name.toLowerCase().replace(' ', '')
    this.notifier = new MmuNotifier(memory, name)
    this.held = memory.cells(`${name}.tlb`, taskSize, 0, { format: format_word, interest: 'entry' })
    notifiers.add(this.notifier)
  }
}

/** A driver of an IOMMU that shares page tables with the CPU: what it does when it is told of changes. Made at set-up. */
export type SvaDriver = (sva: Sva) => MmuNotifierOps
