import type { Progress } from '../engine/search/result.js'
import { boot, type Conditions } from '../race/boot.js'
import { checkRace } from '../race/check.js'
import { type Orders, ordersOf } from '../trace/orders.js'
import { type Trace, traceOf } from '../trace/trace.js'
import type { Checker } from './checker.js'
import type { Group } from './group.js'
import type { HuntedKernel } from './hunted-kernel.js'
import { operationNamed } from './operations/index.js'
import { raceOf, type Scene } from './scene.js'
import { stateNamed } from './states/index.js'

/** A group with its smallest scene, the run that is easiest to read, and which orders it needs. */
export interface Drawn {
  readonly group: Group
  readonly scene: Scene
  readonly conditions: Conditions
  readonly trace: Trace | undefined
  readonly orders: Orders | undefined
}

/** The scene that was named. */
export const sceneNamed = ({ state, operations }: Pick<Group['smallest'], 'state' | 'operations'>): Scene =>
  ({ state: stateNamed(state), operations: operations.map(operationNamed) })

/** Looks for the clearest run of a group, and, for so many seconds, for what it depends on. */
export function* drawn(group: Group, kernel: HuntedKernel, checker: Checker, seconds: number): Generator<Progress, Drawn> {
  return yield* checker.onMachine(sceneNamed(group.smallest), (scene) => drawnOf(group, scene, kernel, seconds))
}

function* drawnOf(group: Group, scene: Scene, { changes, ...difference }: HuntedKernel, seconds: number): Generator<Progress, Drawn> {
  const conditions = { ...difference, arch: group.smallest.arch }
  const race = raceOf(scene, changes)
  const outcome = yield* checkRace(race, conditions, { seconds: 60 })
  const { result } = outcome
  const found = result.verdict === 'violated' ? result.found.find(({ violation }) => violation.oracle === group.oracle) : undefined
  const shown = outcome.shown?.found.violation.oracle === group.oracle ? outcome.shown.found : found
  const trace = shown && !shown.cycles ? traceOf(outcome.loaded, shown) : undefined
  const orders = trace && seconds > 0 ? yield* ordersOf(() => boot(race, conditions), trace, { seconds }) : undefined
  return { group, scene, conditions, trace, orders }
}

/** What two groups that are the same agree in: the oracle, and the orders, whoever the lanes are. */
export const likeness = ({ group, orders }: Drawn): string | undefined =>
  (orders && orders.orders.length > 0 ? `${group.oracle} ${orders.orders.map(({ first, second }) => `${first.label} < ${second.label}`).toSorted().join('; ')}` : undefined)
