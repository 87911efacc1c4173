import { beforeEach, describe, expect, it } from 'vitest'
import { addEntered, enteredArms, forgetArms, knownArms } from '../../src/engine/model/arms.js'
import { Memory } from '../../src/engine/model/memory.js'
import { Sequential } from '../../src/engine/model/sequential.js'
import { load, type Steps, store } from '../../src/engine/model/step.js'
import { check } from '../../src/engine/search/explore.js'

// This file itself is instrumented (vitest.config.ts).

const memory = new Memory()
const x = memory.cell('x', 2)

const one = [1].map((least) => function* inner(): Steps<number> {
  return (yield* load(x)) > least ? 1 : 0
})[0]!

function* branches(n: number): Steps<number> {
  if (n > 5) return 5
  for (let i = 0; i < n; i++) {
    yield* store(x, yield* one())
  }
  switch (n) {
    case 0:
      return 0
    case 1:
      return (yield* load(x)) === 1 ? 1 : 3
    default:
      return 2
  }
}

function* never(): Steps<void> {
  yield* store(x, 1)
}

/** What of this file has been entered: functions, and arms as `3:then`, by their place after the function's own line. */
const entered = () => Object.fromEntries([...knownArms()].filter(({ file, name }) => file.endsWith('arms.test.ts') && name !== 'anonymous').map((fn) =>
  [fn.name, { entered: fn.entered, arms: fn.arms.map(({ line, kind, entered }) => `${entered ? '' : 'not '}${line - fn.line}:${kind}`) }]))

const run = (n: number): void => void check({ memory, threads: [{ name: 'A', body: () => branches(n) }] })

describe('arms of branches', () => {
  beforeEach(forgetArms)

  it('are known before anything runs', () => {
    expect(entered()['branches']).toEqual({
      entered: false,
      arms: ['not 1:then', 'not 1:else', 'not 2:loop', 'not 6:case', 'not 8:case', 'not 9:then', 'not 9:else', 'not 10:case'],
    })
    expect(entered()['inner']).toEqual({ entered: false, arms: ['not 1:then', 'not 1:else'] })
  })

  it('are entered as a search comes by', () => {
    run(1)
    expect(entered()).toMatchObject({
      branches: { entered: true, arms: ['not 1:then', '1:else', '2:loop', 'not 6:case', '8:case', '9:then', 'not 9:else', 'not 10:case'] },
      inner: { entered: true, arms: ['1:then', 'not 1:else'] },
      never: { entered: false, arms: [] },
    })
  })

  it('add up over runs until they are forgotten', () => {
    run(0)
    run(9)
    expect(entered()['branches']!.arms).toEqual(['1:then', '1:else', 'not 2:loop', '6:case', 'not 8:case', 'not 9:then', 'not 9:else', 'not 10:case'])
    forgetArms()
    expect(entered()['branches']!.entered).toBe(false)
  })

  it('can be taken elsewhere', () => {
    run(0)
    const there = enteredArms()
    forgetArms()
    run(9)
    addEntered(there)
    expect(entered()['branches']!.arms.slice(0, 4)).toEqual(['1:then', '1:else', 'not 2:loop', '6:case'])
    expect(() => addEntered([['elsewhere.ts', Uint8Array.of(1)]])).toThrow('not the same there and here')
  })

  it('are not those of a set-up, which runs alone', () => {
    new Sequential(memory).run(branches(1))
    new Sequential(memory).run(never())
    expect(Object.values(entered()).some((fn) => fn.entered)).toBe(false)
  })
})
