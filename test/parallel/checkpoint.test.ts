import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Result } from '../../src/engine/search/result.js'

const built = existsSync(path.resolve(import.meta.dirname, '../../build/compiled/src/parallel/worker.js'))
const child = path.join(import.meta.dirname, 'pieces.mjs')

const inPieces = async (...words: readonly unknown[]) => {
  const { stdout } = await promisify(execFile)(process.execPath, [child, ...words.map((word) => JSON.stringify(word))])
  return JSON.parse(stdout) as { result: Result; alone: string[]; saves: number; pieces: number }
}

describe.skipIf(!built)('a search in pieces, by one worker or two', () => {
  it.each([[[2, 2]], [[2, 1]], [[1, 2]], [[2, 3]]])('has the states and steps of one in one (%j)', async (crews) => {
    const { result, alone, pieces } = await inPieces([4, 4, true], { reduce: false, all: true }, crews, 60_000, 1e9)
    expect({ alone, pieces }).toEqual({ alone: [], pieces: 3 })
    expect(result).toMatchObject({ verdict: 'holds', stats: { states: 172_001, transitions: 687_940 } })
  })

  it.each([[true, [2, 1]], [true, [1, 2]], [{ symmetry: false }, [2]], [{ sleep: false }, [2]]])('comes to its verdict (%j, %j)', async (reduce, crews) => {
    const { result, alone, pieces } = await inPieces([5, 3, true], { reduce, all: true }, crews, 20_000, 1e9)
    expect(alone).toEqual([])
    expect(pieces).toBeGreaterThan(2)
    expect(result.verdict).toBe('holds')
  })

  it('can be saved as often as one likes', async () => {
    const { result, alone, saves } = await inPieces([3, 3, true], { reduce: false, all: true }, [2], 1e9, 0)
    expect(alone).toEqual([])
    expect(saves).toBeGreaterThan(2)
    expect(result).toMatchObject({ verdict: 'holds', stats: { states: 15_427, transitions: 49_460 } })
  })
})
