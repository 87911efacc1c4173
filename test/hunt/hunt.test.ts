import { describe, expect, it } from 'vitest'
import { Checker } from '../../src/hunt/checker.js'
import { hunt, type HuntOptions } from '../../src/hunt/hunt.js'
import { operationNamed } from '../../src/hunt/operations/index.js'
import type { SceneResult } from '../../src/hunt/scene-result.js'
import { stateNamed } from '../../src/hunt/states/index.js'
import { finish } from '../../src/race/check.js'

const results: SceneResult[] = []
const options: HuntOptions = {
  archs: ['s390', 'arm64'], states: [stateNamed('one page')], operations: ['munmap', 'fork and write', 'write', 'pin'].map(operationNamed),
  lanes: 2, seed: 1, budget: 1000, kernel: { revert: ['70e806e4e645'] }, against: {}, bounds: { states: 100_000, seconds: 30 },
  tell: (result) => void results.push(result),
}
const run = (more: Partial<HuntOptions>, clock = () => 0) => finish(hunt({ ...options, ...more }, new Checker(options), clock))

describe('hunt', () => {
  it('checks everything, what comes by the difference first, and finds it', () => {
    const report = run({})
    // Alone 4, pairs 10, and pairs of the two that do not touch memory themselves with a store 3: on each profile.
    expect([report.checked, report.total, report.stopped]).toEqual([[8, 20, 6], [8, 20, 6], false])
    expect(report.coverage.states).toEqual([{ state: 'one page', pairs: 10, missing: [] }])
    const entered = (name: string) => report.coverage.functions.find((fn) => fn.name === name)!.entered
    expect([entered('zap_pte_range'), entered('ksm_do_scan')]).toEqual([true, false])
    expect(report.groups.list.map(({ smallest: { operations } }) => operations.join(' | '))).toContain('fork and write | pin')
    const comes = results.filter(({ operations }) => operations.length === 2).map(({ operations }) => operations.includes('fork and write'))
    expect(comes).toEqual(comes.toSorted((a, b) => Number(b) - Number(a)))
  })

  it('goes on where it was stopped', () => {
    const whole = results.splice(0)
    let calls = 0
    expect(run({ budget: 12 }, () => calls++).stopped).toBe(true)
    const known = results.splice(0)
    const report = run({ known })
    expect(known.length).toBeGreaterThan(0)
    expect(results.length + known.length).toBe(whole.length)
    expect([report.checked, report.total]).toEqual([[8, 20, 6], [8, 20, 6]])
  })
})
