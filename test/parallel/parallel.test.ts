import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Result } from '../../src/engine/search/result.js'
import type { ParallelOptions } from '../../src/parallel/explore.js'

const built = existsSync(path.resolve(import.meta.dirname, '../../build/compiled/src/parallel/worker.js'))
const child = path.join(import.meta.dirname, 'child.mjs')

type Size = [walkers: number, ptes: number, fix: boolean]
type Options = Partial<ParallelOptions> & { aborted?: boolean; beside?: boolean }

interface Outcome { readonly result: Result; readonly alone: string[]; readonly byOne?: Result }

const searchOf = async (file: string, name: string, args: readonly unknown[], options: Options): Promise<Outcome> => {
  const { stdout } = await promisify(execFile)(process.execPath, [child, file, name, JSON.stringify(args), JSON.stringify(options)])
  return JSON.parse(stdout) as Outcome
}

const search = (size: Size, options: Options, name = 'scenario'): Promise<Outcome> =>
  searchOf('../../build/compiled/bench/scenario/mmrace.js', name, size, options)

describe.skipIf(!built)('two workers', () => {
  it.each<[Size, number, number]>([[[4, 4, true], 172_001, 687_940], [[4, 4, false], 485_884, 1_914_970]])(
    'visit the states and take the steps of one (%j)', async (size, states, transitions) => {
      const { result, alone } = await search(size, { reduce: false, all: true })
      expect(alone).toEqual([])
      expect(result).toMatchObject({ verdict: size[2] ? 'holds' : 'violated', stats: { states, transitions, workers: 2 } })
    })

  it.each<[Size, ParallelOptions['reduce']]>([
    [[5, 3, true], true], [[5, 3, false], true], [[5, 3, true], { sleep: false }], [[5, 3, true], { symmetry: false }],
  ])('come to the verdict of one (%j, %j)', async (size, reduce) => {
    const { result, alone } = await search(size, { reduce: reduce!, all: true })
    expect(alone).toEqual([])
    expect(result).toMatchObject({ verdict: size[2] ? 'holds' : 'violated', stats: { workers: 2 } })
    if (result.verdict === 'violated') expect(result.found.map((f) => f.violation.oracle)).toEqual(['lost-write'])
  })

  it('stop at a bound', async () => {
    const { result } = await search([5, 3, true], { reduce: false, states: 100_000 })
    expect(result).toMatchObject({ verdict: 'not-found', stopped: { bound: 'states', limit: 100_000 } })
  })

  it('stop when told to', async () => {
    const { result } = await search([5, 3, true], { reduce: false, aborted: true })
    expect(result).toMatchObject({ verdict: 'not-found', stopped: { bound: 'interrupted' } })
  })

  it('lose nothing when one fails: the search is done again by one, and that is told', async () => {
    const { result, alone } = await search([4, 4, true], { reduce: false, all: true }, 'no scenario')
    expect(alone[0]).toMatch(/a worker failed/)
    expect(result).toMatchObject({ verdict: 'holds', stats: { states: 172_001 } })
  })

  it.each([true, false])('put together the orders of locks that each has seen (reduce: %s)', async (reduce) => {
    const { result, alone, byOne } = await searchOf('./locks.mjs', 'lockProgram', [4], { reduce, all: true, beside: true })
    expect(alone).toEqual([])
    expect(result.stats.workers).toBe(2)
    if (result.verdict !== 'violated' || byOne?.verdict !== 'violated') throw new Error(result.verdict)
    expect(result.found.map(({ violation }) => violation)).toEqual(byOne.found.map(({ violation }) => violation))
    expect(result.found.map(({ cycles }) => cycles)).toEqual(byOne.found.map(({ cycles }) => cycles))
  })

  it('leave small programs to one', async () => {
    const { result, alone } = await search([2, 2, true], { reduce: false, all: true })
    expect(alone).toEqual([])
    expect(result.stats).toMatchObject({ states: 1289 })
    expect(result.stats.workers).toBeUndefined()
  })

  it('leave programs that loop to one, and say so', async () => {
    const { result, alone } = await searchOf('../../build/compiled/src/cli/race-program.js', 'raceProgram', ['zap-vs-page-mkclean', { arch: 'arm64' }], { all: true })
    expect(alone).toEqual(['a thread can come back to where it was'])
    expect(result.stats.workers).toBeUndefined()
  })

  it('are refused where they mean nothing', async () => {
    await expect(search([1, 1, true], { strategy: 'random' })).rejects.toThrow(/mean nothing/)
    await expect(search([1, 1, true], { workers: 1 })).rejects.toThrow(/1 workers/)
  })
})
