import type { Lock } from '../engine/model/lock.js'
import type { Memory } from '../engine/model/memory.js'
import type { Program } from '../engine/program.js'
import { parseLitmus } from '../litmus/parse/parse-litmus.js'
import { isReachable } from '../litmus/reachable.js'
import { type CriticalCycle, criticalCycles } from './critical-cycles.js'
import { cycleTest, type Naming } from './cycle-test.js'
import { laneRuns } from './lane-runs.js'
import type { OrderedPair } from './ordered-pair.js'

/** A litmus test made from a race, and what the models say of its outcome. */
export interface RaceTest {
  /** The lanes, their cells and what they do to them: tests that differ in places only have it in common. */
  readonly kind: string
  readonly name: string
  readonly source: string
  /** `madvise: pte = 0 … mm_cpumask(mm)`, for each lane. */
  readonly lanes: readonly [string, string]
  /** Whether the outcome can happen; undefined if the search ended at its limit. */
  readonly lkmm: boolean | undefined
  readonly tso: boolean | undefined
  /**
   * The Linux-kernel model forbids it if what a lane reads second is at an address that it got from what it read first.
   * A model of the kernel does not tell where addresses come from.
   */
  readonly unlessAddress: boolean
}

type Answers = Pick<RaceTest, 'lkmm' | 'tso' | 'unlessAddress'>

/** The tests of all critical cycles of a race, those that can happen first: on TSO, then under the Linux-kernel model. */
export function raceTests(race: string, program: Program): RaceTest[] {
  const cycles = criticalCycles(laneRuns(program))
  const known = new Map<string, Answers>()
  const tests = new Map<string, RaceTest>()
  for (const cycle of cycles) {
    const name = `${race}-${tests.size + 1}`
    const lanes = cycle.pairs.map((pair) => laneText(program, pair)) as [string, string]
    const source = cycleTest(cycle, name, [`Made from the race ${race}.`, ...lanes, ...places(program.memory, cycle)], realNames(program.memory, cycle))
    const key = cycleTest(cycle, 'cycle', [], shortNames(cycle))
    let answers = known.get(key)
    if (!answers) known.set(key, (answers = answersOf(key, cycleTest(depending(cycle), 'cycle', [], shortNames(cycle)))))
    const text = source.slice(source.indexOf('\n'))
    if (!tests.has(text)) tests.set(text, { name, source, lanes, kind: kindOf(cycle), ...answers })
  }
  return [...tests.values()].toSorted((a, b) => rank(a) - rank(b))
}

/** `dependent`: the same with every address dependency that there may be. */
function answersOf(source: string, dependent: string): Answers {
  const test = parseLitmus(source)
  const lkmm = isReachable(test, 'lkmm')
  // What the Linux-kernel model forbids, x86 does not do.
  if (lkmm === false) return { lkmm, tso: false, unlessAddress: false }
  return { lkmm, tso: isReachable(test, 'tso'), unlessAddress: isReachable(parseLitmus(dependent), 'lkmm') === false }
}

/** Of two reads the first becomes an acquire, which orders no less than a dependency does. */
const depending = ({ pairs: [one, other] }: CriticalCycle): CriticalCycle => ({ pairs: [depends(one), depends(other)] })
const depends = (pair: OrderedPair): OrderedPair =>
  (pair.first.kind === 'read' && pair.second.kind === 'read' ? { ...pair, first: { ...pair.first, order: 'acquire' } } : pair)

const rank = ({ lkmm, tso, unlessAddress }: RaceTest): number => (tso ? 0 : lkmm && !unlessAddress ? 1 : lkmm ? 2 : lkmm === undefined ? 3 : 4)

const kindOf = ({ pairs }: CriticalCycle): string =>
  pairs.map(({ thread, first, second }) => `${thread} ${first.cell} ${first.kind} ${second.cell} ${second.kind}`).join(' ')

const laneText = ({ threads }: Program, { thread, first, second }: OrderedPair): string =>
  `${threads[thread]!.name}: ${first.label} ... ${second.label}`

const places = ({ names }: Memory, { pairs: [{ first, second }] }: CriticalCycle): string[] =>
  [first, second].map(({ cell }) => `${identifier(names[cell]!)} is ${names[cell]!}`)

const realNames = ({ names }: Memory, { pairs: [{ first, second }] }: CriticalCycle): Naming => ({
  cell: (cell) => {
    const name = identifier(names[cell]!)
    return cell === second.cell && name === identifier(names[first.cell]!) ? `${name}_2` : name
  },
  lock: (lock) => `${identifier(typeof lock === 'number' ? names[lock]! : lock)}_lock`,
})

function shortNames({ pairs: [{ first }] }: CriticalCycle): Naming {
  const locks: Lock[] = []
  return {
    cell: (cell) => (cell === first.cell ? 'x' : 'y'),
    lock: (lock) => {
      if (!locks.includes(lock)) locks.push(lock)
      return `l${locks.indexOf(lock)}`
    },
  }
}

/** A name of a cell as C takes it. */
const identifier = (name: string): string => name.replaceAll(/\W+/g, '_').replace(/^(?=\d)/, '_').replace(/_$/, '')
