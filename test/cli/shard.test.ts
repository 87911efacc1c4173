import { describe, expect, it } from 'vitest'
import { inShard, shardOf } from '../../src/cli/matrix/shard.js'

const times = [90, 10, 50, undefined, 30, 20, undefined, 40]
const jobs = times.map((_, i) => i)
const parts = (of: number) => Array.from({ length: of }, (_, i) => inShard(jobs, { index: i + 1, of }, (job) => times[job]))

describe('shards', () => {
  it.each([1, 2, 3, 8, 20])('of %d each job is in one', (of) => {
    expect(parts(of).flat().toSorted((a, b) => a - b)).toEqual(jobs)
  })

  it('take about as long', () => {
    const sums = parts(3).map((part) => part.reduce((sum, job) => sum + (times[job] ?? 40), 0))
    expect(Math.max(...sums) / Math.min(...sums)).toBeLessThan(1.3)
  })

  it('keep the order', () => {
    for (const part of parts(3)) expect(part).toEqual(part.toSorted((a, b) => a - b))
  })

  it.each(['0/4', '5/4', '1', 'a/b', '1/0'])('are not called %s', (text) => {
    expect(() => shardOf(text)).toThrow('--shard')
  })
})
