import { kernel } from '../kernel.js'

/** include/linux/pgtable.h:pmd_addr_end. The end of the table's range that holds `address`, or `end` if nearer. */
export const pmd_addr_end = (address: number, end: number): number => {
  const size = kernel().geometry.ptrsPerPte
  return Math.min(address - (address & (size - 1)) + size, end)
}

/** HPAGE_PMD_MASK */
export const pmd_align = (address: number): number => address - (address & (kernel().geometry.ptrsPerPte - 1))
