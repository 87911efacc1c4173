import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Result } from '../../src/engine/search/result.js'
import type { ParallelOptions } from '../../src/parallel/explore.js'

const built = existsSync(path.resolve(import.meta.dirname, '../../dist/src/parallel/worker.js'))
const child = path.join(import.meta.dirname, 'child.mjs')

type Size = [walkers: number, ptes: number, fix: boolean]
type Options = Partial<ParallelOptions> & { aborted?: boolean }

const search = async (size: Size, options: Options, name = 'scenario') => {
  const { stdout } = await promisify(execFile)(process.execPath, [child, JSON.stringify(size), JSON.stringify(options), name])
  return JSON.parse(stdout) as { result: Result; alone: string[] }
}

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
    const { result, alone } = await search([4, 4, true], { reduce: false, all: true }, 'no such export')
    expect(alone[0]).toMatch(/a worker failed/)
    expect(result).toMatchObject({ verdict: 'holds', stats: { states: 172_001 } })
  })

  it('leave small programs to one', async () => {
    const { result, alone } = await search([2, 2, true], { reduce: false, all: true })
    expect(alone).toEqual([])
    expect(result.stats).toMatchObject({ states: 1289 })
    expect(result.stats.workers).toBeUndefined()
  })

  it('are refused where they mean nothing', async () => {
    await expect(search([1, 1, true], { strategy: 'random' })).rejects.toThrow(/mean nothing/)
    await expect(search([1, 1, true], { workers: 1 })).rejects.toThrow(/1 workers/)
  })
})
