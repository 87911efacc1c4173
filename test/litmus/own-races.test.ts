import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { barriersNeeded, barriersThatForbid } from '../../src/litmus/barriers/barrier-advice.js'
import { parseLitmus } from '../../src/litmus/parse/parse-litmus.js'
import { allRaces } from '../race/load.js'
import { isReachable, type Model } from '../../src/litmus/reachable.js'

const directory = path.resolve(import.meta.dirname, '../../races/litmus')
const load = (name: string) => parseLitmus(readFileSync(path.join(directory, `${name}.litmus`), 'utf8'))

/** Barriers without which the race is back, by thread and text. Under SC none is ever needed. */
const NEEDED: Record<string, { lkmm: string[]; tso: string[] }> = {
  'a5a-context-switch-vs-flush': { lkmm: ['P0 smp_mb()', 'P1 smp_mb()'], tso: ['P0 smp_mb()', 'P1 smp_mb()'] },
  'c2-lazyfree-vs-direct-io': {
    lkmm: ['P0 smp_mb()', 'P0 smp_rmb()', 'P1 got = atomic_inc_return(ref)', 'P1 left = atomic_dec_return(ref)'],
    tso: ['P0 smp_mb()'],
  },
  'c3-clear-anon-exclusive-vs-gup-fast': {
    lkmm: ['P0 smp_mb()', 'P0 smp_mb__after_atomic()', 'P1 smp_mb__after_atomic()', 'P1 smp_rmb()'],
    tso: ['P0 smp_mb()'],
  },
  'd5-fork-early-wrprotect-vs-gup-fast': {
    lkmm: ['P0 smp_mb()', 'P1 old = atomic_inc_return(pins)'], tso: ['P0 smp_mb()'],
  },
  'uffd-move-flush-vs-gup-fast': { lkmm: ['P0 smp_mb()', 'P1 got = atomic_inc_return(pins)'], tso: [] },
  'dma-resv-count-vs-slot': { lkmm: ['P0 smp_wmb()', 'P1 smp_rmb()'], tso: [] },
  'f4-dax-truncate-vs-gup-fast': { lkmm: ['P0 smp_mb()', 'P1 got = atomic_inc_return(ref)'], tso: ['P0 smp_mb()'] },
}

describe('races that barriers close', () => {
  test('every file is tested', () => {
    const files = readdirSync(directory).map((file) => file.replace('.litmus', ''))
    expect(files.toSorted()).toEqual([...Object.keys(NEEDED), 'd5-fork-seqcount-vs-gup-fast', 'uffd-move-batch-vs-gup-fast'].toSorted())
  })

  test('races say which of them are theirs', async () => {
    const named = (await allRaces()).flatMap(({ litmus = [] }) => litmus)
    const files = readdirSync(directory).map((file) => file.replace('.litmus', ''))
    expect(named.toSorted()).toEqual(files.toSorted())
  })

  for (const [name, needed] of Object.entries(NEEDED)) {
    test.each(['lkmm', 'tso', 'sc'] as Model[])(`${name} under %s`, (model) => {
      const race = load(name)
      expect(isReachable(race, model)).toBe(false)
      const answers = barriersNeeded(race, model)
      const found = answers.filter((barrier) => barrier.needed).map(({ places, barrier }) => `P${places[0]!.thread} ${barrier}`)
      expect(found).toEqual(model === 'sc' ? [] : needed[model])
    })
  }

  test('entries that are cleared in a batch are unordered against GUP-fast, but where the exchange orders', () => {
    const race = load('uffd-move-batch-vs-gup-fast')
    expect(isReachable(race, 'lkmm')).toBe(true)
    expect(isReachable(race, 'tso')).toBe(false)
    expect(isReachable(race, 'sc')).toBe(false)
    expect(barriersThatForbid(race, 'lkmm')[0]).toMatchObject({ places: [{ thread: 0 }] })
    const text = readFileSync(path.join(directory, 'uffd-move-batch-vs-gup-fast.litmus'), 'utf8')
    expect(isReachable(parseLitmus(text.replace('xchg_relaxed', 'xchg')), 'lkmm')).toBe(false)
  })

  test('the sequence count alone leaves fork unordered against GUP-fast, but on TSO the lock orders it', () => {
    const race = load('d5-fork-seqcount-vs-gup-fast')
    expect(isReachable(race, 'lkmm')).toBe(true)
    expect(barriersThatForbid(race, 'lkmm')).toEqual(
      [20, 21].map((line) => ({ barrier: 'smp_mb()', places: [{ thread: 0, line }] })),
    )
    expect(isReachable(race, 'tso')).toBe(false)
    expect(isReachable(race, 'sc')).toBe(false)
  })
})
