import { expect } from 'vitest'
import type { Checkpoint } from '../../src/engine/checkpoint/checkpoint.js'
import { decode } from '../../src/engine/checkpoint/decode.js'
import { encode } from '../../src/engine/checkpoint/encode.js'
import { Loaded } from '../../src/engine/learn/loaded.js'
import { proof } from '../../src/engine/learn/proof.js'
import type { Program } from '../../src/engine/program.js'
import { check, type ExploreOptions } from '../../src/engine/search/explore.js'
import type { Reductions } from '../../src/engine/search/reductions.js'
import { replay } from '../../src/engine/search/replay.js'
import type { Result } from '../../src/engine/search/result.js'
import { cheapest, costOf, fairCycle, livelocks, oraclesOf, reachedIn, shortest } from '../engine/answers.js'
import type { State } from '../engine/reference.js'

const STRATEGIES = ['exhaustive', 'exhaustive', 'exhaustive', 'exhaustive', 'shortest', 'fewest-preemptions', 'random', 'pct'] as const

/** One of all combinations of options, by number; `piece`: search up to so many states at a time, through files. */
export function combination(number: number): { options: ExploreOptions; piece: number | undefined } {
  let rest = number
  const pick = <T>(...values: readonly T[]): T => {
    const value = values[rest % values.length]!
    rest = Math.floor(rest / values.length)
    return value
  }
  const strategy = pick(...STRATEGIES)
  const fair = pick(undefined, true)
  if (strategy === 'random' || strategy === 'pct') return { options: { strategy, runs: 20, seed: number, depth: 200 }, piece: undefined }
  if (strategy !== 'exhaustive') return { options: { strategy, ...(fair && { fair }) }, piece: undefined }
  const reduce = pick<boolean | Partial<Reductions>>(true, false, true, false, { persistent: false }, { sleep: false }, { symmetry: false }, { persistent: false, sleep: false },
    { persistent: false, symmetry: false }, { sleep: false, symmetry: false })
  const piece = pick(undefined, undefined, 3, 11, 40)
  return { options: { reduce, all: pick<boolean>(true, false), ...(pick<boolean>(false, true) && { exact: true }), ...(fair && { fair }) }, piece }
}

/** Searches in pieces, each with a fresh program and from the file of the one before. */
function inPieces(program: () => Program, options: ExploreOptions, piece: number): Result {
  let bytes: Uint8Array | undefined
  for (let states = piece; ; states += piece) {
    let at = 0
    const resume = bytes && decode((count) => bytes!.slice(at, (at += Math.min(count, bytes!.length - at))), 'FILE').checkpoint
    let saved: Uint8Array | undefined
    const save = (checkpoint: Checkpoint): void => void (saved = Buffer.concat([...encode(checkpoint, 'fuzz')]))
    const result = check(program(), { ...options, states, checkpoint: { seconds: Infinity, save }, ...(resume && { resume }) })
    if (!saved) return result
    bytes = saved
  }
}

const found = (result: Result): string[] => (result.verdict === 'violated' ? result.found.map((f) => f.violation.oracle).toSorted() : [])

/** What the search says of a program must be what the reference's states say. */
export function agrees(program: () => Program, states: readonly State[], number: number): void {
  const { options, piece } = combination(number)
  const said = JSON.stringify({ options, piece })
  // Every other time nothing is run twice that need not be.
  Object.assign(proof, number % 2 === 0 ? { first: Infinity } : { first: 0, seldom: Infinity })
  const result = piece ? inPieces(program, options, piece) : check(program(), options)
  replays(program, result)
  const trapped = livelocks(states)
  const cycling = fairCycle(states, (thread) => program().threads[thread]!.endless ?? false)
  const oracles = [...oraclesOf(states)]
  if (options.strategy === 'random' || options.strategy === 'pct') {
    for (const oracle of found(result)) expect(oracles, said).toContain(oracle)
    return
  }
  const told = options.fair && cycling && !trapped
  const wanted = [...oracles, ...(trapped ? ['livelock'] : []), ...(told ? ['fair cycle'] : [])].toSorted()
  // Beside a livelock, a cycle that is fair may be found or not.
  const got = found(result).filter((oracle) => oracle !== 'fair cycle' || !trapped)
  if (options.all) {
    expect(got, said).toEqual(wanted)
    expect(result.stats.reached.toSorted(), said).toEqual([...reachedIn(states)].toSorted())
    if (!trapped && !options.fair) expect('fair' in result, said).toBe(cycling)
  }
  expect(result.verdict, said).toBe(wanted.length > 0 ? 'violated' : 'holds')
  for (const oracle of got) expect(wanted, said).toContain(oracle)
  if (options.reduce === false && options.all && !trapped && program().threads.every(({ symmetry }) => symmetry === undefined)) {
    expect(result.stats.states, said).toBe(states.length)
  }
  if (result.verdict !== 'violated' || oracles.length === 0) return
  const { schedule } = result.found[0]
  if (options.strategy === 'shortest') expect(schedule.length, said).toBe(shortest(states))
  if (options.strategy === 'fewest-preemptions') expect(costOf(states, schedule), said).toEqual(cheapest(states))
}

/** Every run found must do again what it was found for. */
function replays(program: () => Program, result: Result): void {
  const runs = [...(result.verdict === 'violated' ? result.found : []), ...('fair' in result && result.fair ? [result.fair] : [])]
  for (const { violation, schedule, loop } of runs) {
    const run = replay(new Loaded(program()), schedule)
    expect(run.steps).toHaveLength(schedule.length)
    // On the way to what is wrong at an end, a search for all violations may go over steps that violate something else, the last one too.
    const along = run.steps.flatMap(({ leaf }) => leaf.violation?.oracle ?? [])
    if (loop === undefined && along.every((oracle) => oracle === violation.oracle)) expect(run.violation?.oracle).toBe(violation.oracle)
    else if (loop === undefined) expect([...along, 'deadlock', 'end']).toContain(violation.oracle)
    if (loop !== undefined) expect(run.cells.at(-1)).toEqual(run.cells.at(-1 - loop))
  }
}
