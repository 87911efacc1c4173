import { describe, expect, it } from 'vitest'
import { store } from '../../src/engine/index.js'
import { Memory } from '../../src/engine/model/memory.js'
import { functionOf } from '../../src/engine/model/replace.js'
import { Sequential } from '../../src/engine/model/sequential.js'
import { change, compound_head, holds, load, original, race, reach, violates } from '../../src/index.js'
import { changesOf, formsOf } from '../../src/kernel/changes/changes_of.js'
import { SMALL } from '../../src/kernel/geometry.js'
import { activate, Kernel } from '../../src/kernel/kernel.js'
import { alloc_page } from '../../src/kernel/mm/page_alloc.js'
import { put_page } from '../../src/kernel/mm/swap/folio_put.js'
import { Machine } from '../../src/machine/machine.js'
import { profileByName } from '../../src/machine/profiles/index.js'
import { asExpected, checkRace, conditionsOf, finish } from '../../src/race/check.js'
import { conditionsLine } from '../../src/trace/verdict.js'

/** Runs alone, in its plain form, on a kernel with this change. */
const alone = (own?: ReturnType<typeof change>) => {
  const memory = new Memory()
  const changes = changesOf('6.1', own && { own: [own], apply: [own.id] })
  const kernel = new Kernel(new Machine(memory, profileByName('x86-native')!, { cpus: 1 }), { geometry: SMALL, changes })
  activate(kernel)
  const run = new Sequential(memory, kernel.cpus[0])
  const page = run.run(alloc_page())!
  return { page, run, count: () => run.get(page._refcount) }
}

describe('what runs in the place of a function, in its plain form', () => {
  const twice = change({
    id: 'put-twice', title: 'two references are dropped',
    replace: [[put_page, function* (page) {
      yield* original(put_page)(page)
      yield* original(put_page)(page)
    }]],
  })

  it('has its own steps, and those of the function itself', () => {
    const { run, page, count } = alone(twice)
    run.set(page._refcount, 5)
    run.run(put_page(page))
    expect(count()).toBe(3)
  })

  it('runs on its own kernel only', () => {
    const changed = alone(twice)
    const { run, page, count } = alone()
    run.set(page._refcount, 5)
    run.run(put_page(page))
    expect(count()).toBe(4)
    expect(changed.count()).toBe(1)
  })

  it('is refused when two do', () => {
    const other = change({ id: 'put-never', title: 'none is dropped', replace: [[put_page, function* () {}]] })
    expect(() => changesOf('6.1', { own: [twice, other], apply: ['put-twice', 'put-never'] })).toThrow('put-twice and put-never both replace put_page()')
    expect(changesOf('6.1', { own: [twice, other], apply: ['put-never'] }).replaced.size).toBeGreaterThan(0)
  })
})

describe('a change is not taken', () => {
  it.each([
    ['without a name', { title: 'x' }, /id is missing/],
    ['with the name of another', { id: '70cbc3cc78a9', title: 'x' }, /the name of a change that mmrace has/],
    ['that replaces nothing', { id: 'x', title: 'x', replace: [] }, /replace is empty/],
    ['that replaces what is no function of the kernel', { id: 'x', title: 'x', replace: [[() => 1, function* () {}]] }, /replace\[0\]\[0\] is no function of the kernel/],
    ['that puts no model code there', { id: 'x', title: 'x', replace: [[put_page, () => 1]] }, /replace\[0\]\[1\] is no generator function/],
    ['with a field that is none', { id: 'x', title: 'x', replaces: [] }, /no field "replaces"/],
  ])('%s', (_, spec, problem) => {
    expect(() => change(spec as never)).toThrow(problem)
  })
})

describe('a function that two releases have rewritten', () => {
  function* walk_6_1() {}
  function* walk_6_12() {}
  function* walk() {}
  const released = [
    { id: 'a', title: 'a', since: '6.12', replace: [[walk_6_1, walk_6_12]] },
    { id: 'b', title: 'b', since: '7.3', replace: [[walk_6_12, walk]] },
  ] as const
  it.each([
    ['before both', [], 'walk_6_1'], ['between them', ['a'], 'walk_6_12'], ['since', ['a', 'b'], 'walk'], ['without the first', ['b'], 'walk'],
  ])('%s', (_, ids, form) => {
    const fn = functionOf(walk)!
    expect((formsOf(released, new Set(ids)).get(fn) ?? fn).name).toBe(form)
  })
})

describe('a variant', () => {
  const read = change({ id: 'reads-more', title: 'a load more', replace: [[compound_head, function* (page) {
    yield* load(page._refcount)
    return yield* original(compound_head)(page)
  }]] })
  const mine = race({
    name: 'forms', title: 'forms of a driver, and a change',
    setup: (k, { twice = false }) => ({ page: k.driverPage(), twice, taken: k.cell('taken') }),
    cpus: {
      driver: function* ({ page, taken }, { twice }) {
        yield* compound_head(page)
        yield* store(taken, twice ? 2 : 1)
        if (twice) yield* put_page(page)
        yield* put_page(page)
        yield* reach('put')
      },
    },
    sometimes: ['put'],
    variants: {
      fixed: { expect: holds },
      bug: { with: { twice: true }, expect: violates('O9', 'all') },
      changed: { apply: [read], expect: holds },
      named: { apply: ['reads-more'], with: { twice: true }, expect: violates('O9', 'all') },
    },
  })
  const outcome = (variant: string) => finish(checkRace(mine, conditionsOf(mine.variants[variant]!, 'arm64')))
  const steps = (variant: string) => outcome(variant).result.stats.depth

  it('has values, which set-up and CPUs get', () => {
    expect(outcome('fixed').result.verdict).toBe('holds')
    expect(asExpected(outcome('bug'))).toBe(true)
    expect(conditionsLine(outcome('bug'))).toBe('forms  arm64  bug: with twice: true')
  })

  it('has changes, by name too', () => {
    expect(steps('changed')).toBeGreaterThan(steps('fixed'))
    expect(asExpected(outcome('named'))).toBe(true)
  })
})
