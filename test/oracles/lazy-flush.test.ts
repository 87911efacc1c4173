import { expect, it } from 'vitest'
import { enter_lazy_tlb } from '../../src/machine/switch-mm.js'
import { retract_page_tables } from '../../src/kernel/mm/khugepaged/retract_page_tables.js'
import { violations } from './verdict.js'

/** khugepaged takes a table away that the walker of a lazy CPU may be in. */
const verdict = (arch: string, revert: readonly string[]): readonly string[] => violations({
  tlb: true,
  geometry: { files: 1 },
  setup: (k) => ({ file: k.shared(k.mm(), { pages: 2, touched: [] }).file }),
  cpus: { khugepaged: ({ file }) => retract_page_tables(file, 0), lazy: () => enter_lazy_tlb() },
}, { arch, revert })

it.each(['x86-native', 'x86-pv'])('%s: flush_tlb_range() is for tables as well', (arch) => {
  expect(verdict(arch, [])).toEqual([])
  expect(verdict(arch, ['3ef938c35035']).join()).toContain('O3')
})
