import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { programsOf } from '../../src/cli/fidelity/program-files.js'
import { checkProgram } from '../../src/fidelity/check_program.js'
import { Report } from '../../src/fidelity/report.js'
import { System } from '../../src/fidelity/system.js'

const file = (name: string): string => path.resolve(import.meta.dirname, name)

/** Programs that real kernels ran (docs/systems.md, "Against real kernels"): how many of them agree in everything. */
describe.each([
  ['mixed.jsonl.br', '6.1', 'x86-native', 1000], ['special.jsonl.br', '6.1', 'x86-native', 500], ['wide.jsonl.br', '6.1', 'x86-native', 398],
  ['stock-6.12.jsonl.br', '6.12', 'x86-native', 784], ['stock-7.3.jsonl.br', '7.3', 'x86-native', 784],
  ['stock-arm64-7.2.jsonl.br', '7.2', 'arm64', 778], ['stock-ppc-radix-7.2.jsonl.br', '7.2', 'ppc64-radix', 784],
  ['stock-riscv64-7.2.jsonl.br', '7.2', 'riscv64', 784], ['stock-s390x-7.2.jsonl.br', '7.2', 's390x', 785],
  ['random-arm64-7.2.jsonl.br', '7.2', 'arm64', 20],
] as const)('%s', (name, kernel, arch, least) => {
  it('agrees in every operation and every field of all programs but those that are known to differ', async () => {
    const system = new System(undefined, kernel, arch)
    const report = new Report()
    for await (const program of programsOf(file(name))) report.add(checkProgram(system, program, report.tally))
    expect(report.agreeing).toBeGreaterThanOrEqual(least)
  }, 120_000)
})
