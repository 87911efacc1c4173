import type { Cell, Memory } from '../../../engine/model/memory.js'
import type { DevPagemap } from '../../include/dev_pagemap.js'
import { MmuIntervalNotifier } from '../../include/mmu_notifier.js'
import type { MmuNotifiers } from '../../mm/mmu_notifier/mmu_notifiers.js'

/** lib/test_hmm.c:struct dmirror_device: a device with memory of its own. */
export class DmirrorDevice {
  readonly lock: Cell
  /** pfn of the first free page; linked by zone_device_data, which is page->lru here. */
  readonly free_pages: Cell

  /** dmirror_allocate_chunk puts one page after the other on the list: the last is the first to be taken. */
  constructor(memory: Memory, name: string, readonly pagemap: DevPagemap) {
    const pages = pagemap.pages.toReversed()
    this.lock = memory.quiet(`${name}.lock`)
    this.free_pages = memory.cell(`${name}.free_pages`, pages[0]?.pfn ?? 0)
    pages.forEach((page, i) => (memory.initial[page.lru] = pages[i + 1]?.pfn ?? 0))
  }
}

/** Tags of an entry of the device's page table. */
export const DPT_XA_TAG_WRITE = 1
export const DPT_XA_TAG_ATOMIC = 2

/** lib/test_hmm.c:struct dmirror: the device as one process has opened it, with its own page table for that process. */
export class Dmirror {
  readonly mutex: Cell
  /** By address: 0, or pfn times 4 plus a tag. Of a device-private page, the page that stands for its memory. */
  readonly pt: readonly Cell[]
  readonly notifier: MmuIntervalNotifier

  constructor(memory: Memory, readonly index: number, readonly mdevice: DmirrorDevice, taskSize: number, notifiers: MmuNotifiers) {
    const name = `dmirror${index}`
    this.mutex = memory.quiet(`${name}.mutex`)
    this.pt = memory.cells(`${name}.pt`, taskSize)
    this.notifier = new MmuIntervalNotifier(memory, `${name}.notifier`)
    notifiers.addInterval(this.notifier)
  }
}

/** What lib/test_hmm.c has: a device for each kind of device memory there is, and the openings of the first. */
export class TestHmm {
  readonly devices: readonly DmirrorDevice[]
  readonly mirrors: readonly Dmirror[]

  constructor(memory: Memory, pagemaps: readonly DevPagemap[], mirrors: number, taskSize: number, notifiers: MmuNotifiers) {
    const own = pagemaps.filter(({ type }) => type === 'private' || type === 'coherent')
    this.devices = own.map((pagemap, i) => new DmirrorDevice(memory, `hmm_dmirror${i}`, pagemap))
    const [device] = this.devices
    this.mirrors = device ? Array.from({ length: mirrors }, (_, i) => new Dmirror(memory, i, device, taskSize, notifiers)) : []
  }
}
