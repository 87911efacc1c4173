import { describe, expect, test } from 'vitest'
import { barriersNeeded, barriersThatForbid } from '../../src/litmus/barriers/barrier-advice.js'
import { parseLitmus } from '../../src/litmus/parse/parse-litmus.js'

/** Threads of one statement per line; all locations are parameters. */
const litmus = (threads: readonly (readonly string[])[], condition: string) => parseLitmus(`C t
{}
${threads.map((lines, i) => `P${i}(int *x, int *y, int *z)
{
	int r0; int r1;
${lines.map((line) => `	${line}`).join('\n')}
}
`).join('')}
exists (${condition})
`)

const SB = (barrier: string, other: string) => litmus([
  ['WRITE_ONCE(*x, 1);', barrier, 'r0 = READ_ONCE(*y);'], ['WRITE_ONCE(*y, 1);', other, 'r0 = READ_ONCE(*x);'],
], '0:r0=0 /\\ 1:r0=0')

describe('barriers that would forbid the outcome', () => {
  test('one, where one is missing', () => {
    expect(barriersThatForbid(SB('smp_mb();', ';'), 'lkmm')).toEqual([{ barrier: 'smp_mb()', places: [{ thread: 1, line: 13 }] }])
  })

  test('the weakest kind at each place', () => {
    const mp = litmus([
      ['WRITE_ONCE(*x, 1);', 'WRITE_ONCE(*y, 1);'], ['r0 = smp_load_acquire(y);', 'r1 = READ_ONCE(*x);'],
    ], '1:r0=1 /\\ 1:r1=0')
    expect(barriersThatForbid(mp, 'lkmm')).toEqual([
      { barrier: 'smp_store_release()', places: [{ thread: 0, line: 7 }] },
      { barrier: 'smp_wmb()', places: [{ thread: 0, line: 6 }] },
    ])
  })

  test('a weak fence made full', () => {
    expect(barriersThatForbid(SB('smp_mb();', 'smp_wmb();'), 'lkmm')).toEqual([
      { barrier: 'smp_mb()', places: [{ thread: 1, line: 14 }] },
    ])
  })

  test('a set of which none can go, where pairs do not suffice', () => {
    const ring = litmus([
      ['WRITE_ONCE(*x, 1);', 'r0 = READ_ONCE(*y);'], ['WRITE_ONCE(*y, 1);', 'r0 = READ_ONCE(*z);'],
      ['WRITE_ONCE(*z, 1);', 'r0 = READ_ONCE(*x);'],
    ], '0:r0=0 /\\ 1:r0=0 /\\ 2:r0=0')
    expect(barriersThatForbid(ring, 'tso')).toEqual([
      { barrier: 'smp_mb()', places: [{ thread: 0, line: 6 }, { thread: 1, line: 12 }, { thread: 2, line: 18 }] },
    ])
  })
})

describe('barriers of a test that are needed', () => {
  test('not those in vain', () => {
    const test2 = litmus([
      ['WRITE_ONCE(*x, 1);', 'smp_wmb();', 'smp_store_release(y, 1);'],
      ['r0 = smp_load_acquire(y);', 'smp_mb();', 'r1 = READ_ONCE(*x);'],
    ], '1:r0=1 /\\ 1:r1=0')
    expect(barriersNeeded(test2, 'lkmm').map(({ barrier, needed }) => [barrier, needed])).toEqual([
      ['smp_wmb()', false], ['smp_store_release(y, 1)', false], ['r0 = smp_load_acquire(y)', false], ['smp_mb()', false],
    ])
  })
})
