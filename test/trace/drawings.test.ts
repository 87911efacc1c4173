import { beforeAll, describe, expect, it } from 'vitest'
import { parseLitmus } from '../../src/litmus/parse/parse-litmus.js'
import { isReachable } from '../../src/litmus/reachable.js'
import { Loaded } from '../../src/engine/learn/loaded.js'
import { check } from '../../src/engine/search/explore.js'
import { checkRace, finish } from '../../src/race/check.js'
import { drawing } from '../../src/trace/drawings.js'
import { type Trace, traceOf } from '../../src/trace/trace.js'
import { readTwice } from './read-twice.js'
import race from '../../races/gup-fast-vs-thp-collapse.js'

let trace: Trace

beforeAll(() => {
  const { loaded, shown } = finish(checkRace(race, { arch: 'arm64', ...race.variants['bug'] }))
  trace = traceOf(loaded, shown!.found)
})

describe('a run', () => {
  it('is a litmus test whose condition comes about in some order', () => {
    const program = readTwice()
    const result = check(program)
    if (result.verdict !== 'violated') throw new Error(result.verdict)
    const text = drawing('litmus', traceOf(new Loaded(program), result.found[0]), 'read-twice', undefined)
    expect(text).toMatch(/^C read-twice\n/)
    const test = parseLitmus(text)
    expect(isReachable(test, 'sc')).toBe(true)
    expect(isReachable(test, 'lkmm')).toBe(true)
  })

  it('with too many reads is refused as one', () => {
    expect(() => drawing('litmus', trace, race.name, undefined)).toThrow(/too many for a litmus test/)
  })

  it('is a sequence diagram with an arrow where a lane reads what the other wrote', () => {
    const lines = drawing('mermaid', trace, race.name, undefined).split('\n')
    expect(lines.slice(0, 3)).toEqual(['sequenceDiagram', '  participant A as CPU A khugepaged', '  participant B as CPU B gup_fast'])
    expect(lines).toContain('  A-->>B: page6._refcount = 1')
    expect(lines.at(-1)).toMatch(/Note over A,B: LOST WRITE/)
    expect(lines.slice(3).filter((line) => !/^ {2}(Note over [A-Z,]+|[A-Z]-->>[A-Z]): [^;<>]*(#\d+;[^;<>]*|<br\/>[^;<>]*)*$/.test(line))).toEqual([])
  })

  it('is a picture of its table', () => {
    const svg = drawing('svg', trace, race.name, 80)
    expect(svg).toMatch(/^<svg [^]*<\/svg>$/)
    expect(svg).toContain('>pmdp_collapse_flush()</text>')
    const size = Number(/width="(\d+)"/.exec(svg)![1])
    const ends = [...svg.matchAll(/x="([\d.]+)".*textLength="([\d.]+)"/g)].map(([, x, length]) => Number(x) + Number(length))
    expect(Math.max(...ends)).toBeLessThanOrEqual(size)
  })
})
