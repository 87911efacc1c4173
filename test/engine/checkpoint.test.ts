import { array, assert, constantFrom, integer, nat, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scenario } from '../../bench/scenario/mmrace.js'
import type { Checkpoint } from '../../src/engine/checkpoint/checkpoint.js'
import { decode } from '../../src/engine/checkpoint/decode.js'
import { encode } from '../../src/engine/checkpoint/encode.js'
import type { Program } from '../../src/engine/program.js'
import { check, type ExploreOptions } from '../../src/engine/search/explore.js'
import type { Result } from '../../src/engine/search/result.js'
import { planFrom, programOf } from './programs.js'

const bytesOf = (checkpoint: Checkpoint): Uint8Array => Buffer.concat([...encode(checkpoint, 'about')])

const fromBytes = (bytes: Uint8Array): Checkpoint => {
  let at = 0
  return decode((count) => bytes.slice(at, (at += Math.min(count, bytes.length - at))), 'FILE').checkpoint
}

/** Searches up to a number of states, through a file, and so on until the search ends. A fresh program each time. */
function inPieces(program: () => Program, options: ExploreOptions, piece: number): { result: Result; pieces: number } {
  let resume: Checkpoint | undefined
  for (let pieces = 1; ; pieces++) {
    let saved: Uint8Array | undefined
    const save = (checkpoint: Checkpoint): void => void (saved = bytesOf(checkpoint))
    const result = check(program(), { ...options, states: piece * pieces, checkpoint: { seconds: Infinity, save }, ...(resume && { resume }) })
    if (!saved) return { result, pieces }
    resume = fromBytes(saved)
  }
}

const comparable = (result: Result): object => ({ ...result, stats: { ...result.stats, bytes: 0 } })

const OPTIONS: ExploreOptions[] = [{}, { all: true }, { reduce: false, all: true }, { exact: true, all: true }, { reduce: { sleep: false } }]
const tape = array(nat(9999), { minLength: 10, maxLength: 60 })

describe('a search in pieces is the search in one', () => {
  it('on random programs', () => {
    let most = 0
    assert(property(tape, constantFrom(...OPTIONS), integer({ min: 3, max: 60 }), (numbers, options, piece) => {
      const program = (): Program => programOf(planFrom(numbers, true), true)
      const whole = check(program(), { ...options, states: 3000 })
      if (whole.verdict === 'not-found') return
      const { result, pieces } = inPieces(program, options, piece)
      expect(comparable(result)).toEqual(comparable(whole))
      most = Math.max(most, pieces)
    }), { numRuns: 60 })
    expect(most).toBeGreaterThan(5)
  })

  it.each(OPTIONS)('on the benchmark scenario (%j)', (options) => {
    const program = (): Program => scenario(3, 3, true)
    const { result, pieces } = inPieces(program, options, 997)
    expect(pieces).toBeGreaterThan(2)
    expect(comparable(result)).toEqual(comparable(check(program(), options)))
  })
})

describe('a checkpoint', () => {
  const stopped = (program = scenario(3, 2, true), options: ExploreOptions = {}): Checkpoint => {
    let saved: Checkpoint | undefined
    check(program, { states: 300, ...options, checkpoint: { seconds: Infinity, save: (c) => void (saved = fromBytes(bytesOf(c))) } })
    return saved!
  }

  it('is taken when the search is told to stop, and when it is time', () => {
    const bare = stopped(scenario(3, 2, true), { reduce: false, states: 1e9, signal: AbortSignal.abort() })
    expect(check(scenario(3, 2, true), { reduce: false, resume: bare }).stats).toMatchObject({ states: 11_496, transitions: 36_706 })
    const early = check(scenario(5, 3, true), { reduce: false, seconds: 1e-9 })
    const first = stopped(scenario(5, 3, true), { reduce: false, states: 1e9, seconds: 1e-9 })
    expect(check(scenario(5, 3, true), { reduce: false, seconds: 1e-9, resume: first }).stats.states).toBeGreaterThan(early.stats.states)
    let count = 0
    check(scenario(5, 3, true), { reduce: false, checkpoint: { seconds: 0, save: () => count++ } })
    expect(count).toBeGreaterThan(0)
  })

  it('is refused for other options', () => {
    expect(() => check(scenario(3, 2, true), { resume: stopped(), reduce: { sleep: false } })).toThrow(/made with sleep on, not with sleep off/)
    expect(() => check(scenario(3, 2, true), { resume: stopped(), depth: 9 })).toThrow(/made with depth unbounded, not with depth 9/)
    expect(() => check(scenario(3, 2, true), { resume: stopped(), strategy: 'random' })).toThrow(/resume means nothing to strategy random/)
  })

  it('is refused for another model', () => {
    expect(() => check(scenario(3, 3, true), { resume: stopped() })).toThrow(/another model: its cells or threads are others/)
    expect(() => check(scenario(3, 2, false), { resume: stopped() })).toThrow(/another model/)
  })

  it('that is damaged anywhere is refused', () => {
    const bytes = bytesOf(stopped())
    const resumed = (broken: Uint8Array): unknown => check(scenario(3, 2, true), { resume: fromBytes(broken) })
    expect(resumed(bytes)).toMatchObject({ verdict: 'holds' })
    for (let at = 0; at < bytes.length; at += 41) {
      expect(() => resumed(bytes.with(at, bytes[at]! ^ 4)), `byte ${at}`).toThrow(/FILE is not a usable checkpoint/)
      expect(() => resumed(bytes.subarray(0, at))).toThrow(/FILE is not a usable checkpoint/)
    }
    expect(() => resumed(Buffer.concat([bytes, bytes]))).toThrow(/it is damaged/)
  })
})
