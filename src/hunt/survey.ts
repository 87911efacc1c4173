import { Sequential } from '../engine/model/sequential.js'
import type { Cell } from '../engine/model/memory.js'
import type { Change } from '../kernel/changes/change.js'
import { boot, type Conditions } from '../race/boot.js'
import { fits } from './compose.js'
import type { Operation } from './operation.js'
import { raceOf } from './scene.js'
import type { State } from './state.js'
import { tellOfChanges } from './tell-of-changes.js'
import type { Things } from './things.js'

/** Which changes of the kernel are asked for in a state: as it is made, and by each operation that runs alone, until its end or to where it waits. */
export interface Survey {
  readonly setup: ReadonlySet<string>
  readonly operations: ReadonlyMap<Operation, ReadonlySet<string>>
}

/** By architecture and state. Hunts may share it: it is of kernels as released, and of changes that are asked for and not there. */
export type Surveys = Map<string, Survey>

/** `own`: changes of a user's, which the kernel has not. */
export function survey(state: State, operations: readonly Operation[], conditions: Conditions, own: readonly Change[] = []): Survey {
  const fitting = operations.filter((operation) => fits(operation, state))
  const setup = new Set<string>()
  const asked = new Map<Operation, ReadonlySet<string>>()
  const [first] = fitting.toSorted((a, b) => Number(a.by === 'child') - Number(b.by === 'child'))
  if (!first) return { setup, operations: asked }
  let things: unknown
  let ids = setup
  const race = raceOf({ state, operations: state.childLane === undefined ? [first] : [first, ...fitting.filter(({ by }) => by === 'child').slice(0, 1)] })
  const program = boot({ ...race, setup: (k, given) => {
    tellOfChanges(k.kernel, own, (id) => ids.add(id))
    things = race.setup(k, given)
    return things
  } }, conditions)
  program.activate?.()
  for (const operation of fitting) {
    ids = new Set()
    runAlone(program, operation, things as Things)
    asked.set(operation, ids)
  }
  return { setup, operations: asked }
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
