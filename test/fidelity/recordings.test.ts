import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { programsOf } from '../../src/cli/fidelity/program-files.js'
import { checkProgram } from '../../src/fidelity/check_program.js'
import { Report } from '../../src/fidelity/report.js'
import { System } from '../../src/fidelity/system.js'

const file = (name: string): string => path.resolve(import.meta.dirname, name)

/** Programs that a real 6.1 kernel ran (docs/systems.md, "Against the real kernel"). */
describe.each([['mixed.jsonl.br', 1000], ['special.jsonl.br', 500], ['wide.jsonl.br', 398]] as const)('%s', (name, least) => {
  it('agrees in every operation and every field of all programs', async () => {
    const system = new System()
    const report = new Report()
    for await (const program of programsOf(file(name))) report.add(checkProgram(system, program, report.tally))
    expect(report.agreeing).toBeGreaterThanOrEqual(least)
  }, 120_000)
})
