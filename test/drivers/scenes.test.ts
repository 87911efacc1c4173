import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { check } from '../../src/engine/search/explore.js'
import { boot } from '../../src/race/boot.js'
import { expectedOracle } from '../../src/race/check.js'
import type { Race } from '../../src/race/race.js'
import { root } from '../cli/command.js'

const here = import.meta.dirname
const files = [
  ...readdirSync(here).filter((file) => !file.includes('.test.')).map((file) => path.join(here, file)),
  ...['removed-device.ts', 'mm-of-a-work.ts'].map((file) => path.join(root, 'docs/examples', file)),
]
const races = await Promise.all(files.map(async (file) => [file, ((await import(file)) as { default: Race }).default] as const))

/** Drivers as their authors would write them: with what `mmrace` exports, none of it made for them. */
describe.each(races.map(([file, race]) => [race.name, file, race] as const))('%s', (_, file, race) => {
  it('is short', () => expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThanOrEqual(61))

  it.each(Object.entries(race.variants))('%s', (_name, { never = [], ...variant }) => {
    for (const arch of ['arm64', 'x86-native']) {
      const conditions = { arch, ...variant }
      const result = check(boot(race, conditions), { all: true })
      const oracle = expectedOracle(race, conditions)
      if (oracle === undefined) expect(result.verdict, arch).toBe('holds')
      else expect(result.verdict === 'violated' && result.found.map((f) => f.violation.oracle), arch).toContain(oracle)
      for (const mark of race.sometimes) if (oracle === undefined) expect(result.stats.reached.includes(mark), mark).toBe(!never.includes(mark))
    }
  })
})
