import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { mmrace, root } from '../cli/command.js'

const scratch = mkdtempSync(path.join(tmpdir(), 'mmrace-secondary-mmu-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const example = (file: string): string => readFileSync(path.join(root, 'docs/examples', file), 'utf8')

/** What is found in an example after a change to its driver. */
function found(file: string, change: (source: string) => string): string {
  const source = example(file)
  const changed = change(source)
  expect(changed).not.toBe(source)
  writeFileSync(path.join(scratch, file), changed)
  return mmrace(['check', file, '--no-orders'], scratch).stdout.split('\n', 2).join(' ').replaceAll(/\s+/g, ' ')
}

const SEQ = '    const seq = yield* load(mmu.mmu_invalidate_seq)\n'

describe('docs/your-driver.md, devices with page tables', () => {
  it.each(['shadow-mmu.ts', 'ats-device.ts'])('%s is short, and holds on every profile', (file) => {
    expect(example(file).split('\n').length).toBeLessThanOrEqual(40)
    expect(mmrace(['matrix', `docs/examples/${file}`]).stdout).toMatch(/(\d+) of \1 as history says/)
  })

  it.each([
    ['asks nothing', (s: string) => s.replace('yield* mmu_invalidate_retry_hva(mmu, seq, address)', 'false'), /made between start and end/],
    ['does not say that it begins', (s: string) => s.replace(/.*kvm_mmu_invalidate_begin\(mmu.*\n/, ''), /made between start and end/],
    ['does not zap', (s: string) => s.replace(/.*zap_sptes\(mmu.*\n/, ''), /has ended, and mmu0 at address 0 still has page/],
    ['reads seq too late', (s: string) => s.replace(SEQ, '').replace('    if (!page)', `${SEQ}    if (!page)`), /gets page \d+, where the CPU has none/],
  ])('a shadow MMU that %s', (_, change, what) => expect(found('shadow-mmu.ts', change)).toMatch(what))

  it('a device behind an IOMMU that flushes at the end', () => {
    const late = (s: string) => s.replace('invalidate_range: (mm, start, end)', 'invalidate_range_end: ({ mm, start, end })')
    expect(found('ats-device.ts', late)).toMatch(/two translations/)
  })
})
