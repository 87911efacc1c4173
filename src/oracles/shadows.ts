import type { Access, Cell } from '../engine/model/memory.js'
import { DPT_XA_TAG_ATOMIC, DPT_XA_TAG_WRITE, type Dmirror } from '../kernel/drivers/test_hmm/dmirror.js'
import type { SecondaryMmu } from '../kernel/drivers/secondary_mmu/secondary_mmu.js'
import type { Mm } from '../kernel/include/mm.js'
import {
  is_device_exclusive_entry, is_device_private_entry, is_migration_entry, SWP, swp_offset, swp_type,
} from '../kernel/include/swapops.js'
import type { Kernel } from '../kernel/kernel.js'
import { _PAGE_RW, hardware_present, word_pfn } from '../machine/pte.js'
import { entryAt, translate } from './translate.js'

/** An entry of a device's own page table, for one address of the process that it mirrors. */
export interface Shadow {
  readonly where: string
  readonly address: number
  readonly entry: Cell
  /** The cell that holds the reference of the mm. */
  readonly mm: Cell
  /** Whether the device can still use it when it has left the mm. */
  readonly lasting: boolean
  /** The page that a word of this entry leads to; undefined for none. */
  pfn(word: number): number | undefined
  /** What of it the CPU's tables do not say: undefined if it is right. */
  excess(m: Access, mm: Mm, word: number): string | undefined
}

/** Against what the CPU may do at the address: the same page, and no more than that. */
function against(m: Access, kernel: Kernel, mm: Mm, address: number, pfn: number, write: boolean): string | undefined {
  const now = translate(m, kernel, mm, address)
  if (now?.page.pfn !== pfn) return `page ${pfn}, where the CPU has ${now ? `page ${now.page.pfn}` : 'none'}`
  return write && !now.writable ? `page ${pfn} for writing, which the CPU must not write` : undefined
}

const ofMmu = (kernel: Kernel, mmu: SecondaryMmu): readonly Shadow[] =>
  mmu.sptes.map((entry, address) => ({
    lasting: true, where: `mmu${mmu.index} at address ${address}`, address, entry, mm: mmu.subscribes === 'to a range' ? mmu.interval.mm : mmu.notifier.mm,
    pfn: (word) => (hardware_present(word) ? word_pfn(word) : undefined),
    excess: (m, mm, word) => against(m, kernel, mm, address, word_pfn(word), (word & _PAGE_RW) !== 0),
  }))

/** Of the test device: pages of RAM, what stands for its private memory, and pages that it has for itself. */
const ofDmirror = (kernel: Kernel, dmirror: Dmirror): readonly Shadow[] =>
  dmirror.pt.map((entry, address) => ({
    lasting: false, where: `dmirror${dmirror.index} at address ${address}`, address, entry, mm: dmirror.notifier.mm,
    pfn: (word) => (word ? word >>> 2 : undefined),
    excess(m, mm, word) {
      const pfn = word >>> 2
      const tag = word & 3
      const pte = entryAt(m, kernel, mm, address)
      // A driver may ignore its own migrations, and is then the one who sees to it.
      if (is_migration_entry(pte)) return undefined
      if (tag === DPT_XA_TAG_ATOMIC) {
        return is_device_exclusive_entry(pte) && swp_offset(pte) === pfn ? undefined : `page ${pfn} for itself, which it does not have`
      }
      const write = tag === DPT_XA_TAG_WRITE
      if (!is_device_private_entry(pte)) return against(m, kernel, mm, address, pfn, write)
      const backing = m.get(kernel.page(swp_offset(pte)).lru)
      if (backing !== pfn) return `page ${pfn}, where it has page ${backing}`
      return write && swp_type(pte) !== SWP.DEVICE_WRITE ? `page ${pfn} for writing, which is read-only` : undefined
    },
  }))

/** Every entry of every device that mirrors an address space. */
export const shadowsOf = (kernel: Kernel): readonly Shadow[] =>
  [...kernel.secondaryMmus.flatMap((mmu) => ofMmu(kernel, mmu)), ...kernel.hmm.mirrors.flatMap((mirror) => ofDmirror(kernel, mirror))]
