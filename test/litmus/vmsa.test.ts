import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { checkVmsa } from '../../src/litmus/vmsa/check-vmsa.js'
import { parseVmsa } from '../../src/litmus/vmsa/parse-vmsa.js'
import { mutations } from '../../src/litmus/vmsa/mutations.js'

const folder = path.join(import.meta.dirname, 'vmsa')
const load = (name: string) => parseVmsa(readFileSync(path.join(folder, `${name}.litmus`), 'utf8'))

/** What the architecture says, and whether break-before-make is missing. */
const EXPECTED = {
  'af-ahead': ['Sometimes', false],
  'af-fault': ['Always', false],
  'af-late': ['Sometimes', false],
  'af-late-dsb': ['Never', false],
  atomics: ['Always', false],
  bbm: ['Never', false],
  bic: ['Always', false],
  'db-late-seen': ['Never', false],
  'db-late-swap': ['Never', false],
  handler: ['Always', false],
  'handler-next': ['Always', false],
  'handler-skip': ['Always', false],
  'hardware-af-db': ['Always', false],
  'map-dsb': ['Sometimes', false],
  'map-dsb-isb': ['Never', false],
  'map-isb': ['Sometimes', false],
  'mp-shoot': ['Never', false],
  'mp-shoot-all': ['Never', false],
  'mp-shoot-early': ['Sometimes', false],
  'mp-shoot-local': ['Sometimes', false],
  'mp-shoot-none': ['Sometimes', false],
  'mp-shoot-unfinished': ['Sometimes', false],
  'no-bbm': ['Sometimes', true],
  'other-dsb': ['Sometimes', false],
  'software-db': ['Always', false],
  'unmap-isb': ['Sometimes', false],
  'unmap-late': ['Sometimes', true],
} as const
const names = Object.keys(EXPECTED) as (keyof typeof EXPECTED)[]

describe('page-table litmus tests', () => {
  test.each(names)('%s', (name) => {
    const { observation, breakBeforeMake } = checkVmsa(load(name))
    expect([observation, breakBeforeMake]).toEqual(EXPECTED[name])
  })

  it('are all here', () => {
    expect(readdirSync(folder).map((file) => file.replace('.litmus', '')).toSorted()).toEqual(names.toSorted())
  })

  test.each(Object.entries(mutations))('notice when %s', (_, mutation) => {
    expect(names.filter((name) => checkVmsa(load(name), mutation).observation !== EXPECTED[name][0])).not.toEqual([])
  })
})

describe('a file that cannot be run', () => {
  const source = 'AArch64 t\n{ 0:X1=x; }\nP0 ;\nLDR W0,[X1] ;\nexists 0:X0=0\n'
  it.each([
    ['C t\n', 'AArch64'],
    [source.replace('LDR', 'LDRB'), 'unknown instruction: LDRB W0,[X1]'],
    [source.replace('0:X1=x', '0:X1=3'), 'no location at address 3'],
    [source.replace('LDR W0,[X1]', 'B L'), 'no label L'],
    [source.replace('0:X1=x', 'pte_x=(el0:0)'), 'unknown field el0'],
  ])('%j is refused: %s', (text, why) => {
    expect(() => checkVmsa(parseVmsa(text))).toThrow(why)
  })
})
