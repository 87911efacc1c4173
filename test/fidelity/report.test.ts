import { expect, it } from 'vitest'
import { compareStep } from '../../src/fidelity/compare.js'
import { Report } from '../../src/fidelity/report.js'

const step = { r: 0, e: 0, v: -1, o: [[0, 0, '-', 0, 1]], m: Array.from({ length: 9 }, (_, i) => [0, 10 * i, 10 * i + 5, 'rw-p']) }
const program = { id: 'thp-7', pages: [0], prog: ['mmap 0 0 4 0 3', 'mremap 0 0 4 8 0'], steps: [step, step] }

it('shows the first divergence of a kind as a diff that is no wider than 80 columns', () => {
  const report = new Report()
  const differences = compareStep(step, { ...step, m: [], mapped: () => undefined }, report.tally, new Set())
  report.add({ program, agreed: 0, differences })
  report.add({ program: { ...program, id: 'thp-8' }, agreed: 0, differences })
  const lines = report.lines()
  expect(lines.filter((line) => line.length > 80)).toEqual([])
  expect(lines).toContain('mmap: vmas: 2 programs, first thp-7')
  expect(lines).toContain('  after 0 operations: mmap 0 0 4 0 3')
  expect(lines.filter((line) => line.startsWith('  -process 0')).length).toBeGreaterThan(0)
  expect(lines.at(-1)).toBe('  +none')
  expect(report.agrees).toBe(false)
})
