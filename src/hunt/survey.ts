import { Sequential } from '../engine/model/sequential.js'
import type { Cell } from '../engine/model/memory.js'
import { kernel } from '../kernel/kernel.js'
import { boot, type Conditions } from '../race/boot.js'
import { fits } from './compose.js'
import type { Operation } from './operation.js'
import { raceOf } from './scene.js'
import type { State } from './state.js'
import { tellOfChanges } from './tell-of-changes.js'
import type { Things } from './things.js'

/** By state: which changes each operation comes by. Hunts may share it: it is that of the kernel as released. */
export type Surveys = Map<State, ReadonlyMap<Operation, ReadonlySet<string>>>

/** Which changes of the kernel each operation comes by when it runs alone in a state, from its beginning to its end or to where it waits. */
export function survey(state: State, operations: readonly Operation[], conditions: Conditions): ReadonlyMap<Operation, ReadonlySet<string>> {
  const fitting = operations.filter((operation) => fits(operation, state))
  const asked = new Map<Operation, ReadonlySet<string>>()
  const [first] = fitting.toSorted((a, b) => Number(a.by === 'child') - Number(b.by === 'child'))
  if (!first) return asked
  let things: unknown
  const race = raceOf({ state, operations: state.childLane === undefined ? [first] : [first, ...fitting.filter(({ by }) => by === 'child').slice(0, 1)] })
  const program = boot({ ...race, setup: (k, given) => (things = race.setup(k, given)) }, conditions)
  program.activate?.()
  let ids = new Set<string>()
  tellOfChanges(kernel(), (id) => ids.add(id))
  for (const operation of fitting) {
    ids = new Set()
    runAlone(program, operation, things as Things)
    asked.set(operation, ids)
  }
  return asked
}

/** Model code that waits by going round would do so for ever. */
class Bounded extends Sequential {
  private left = 200_000

  override get(cell: Cell): number {
    if (this.left-- === 0) throw new Error('it does not come to an end alone')
    return super.get(cell)
  }
}

function runAlone({ memory, threads }: ReturnType<typeof boot>, { run }: Operation, things: Things): void {
  try {
    new Bounded(memory, threads[0]!.context, Int32Array.from(memory.initial)).run(run(things))
  } catch {
    // It waits for somebody, or is too much for this machine: what it came by until then is known.
  }
}
