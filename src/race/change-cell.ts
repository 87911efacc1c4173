import type { ExploreOptions } from '../engine/search/explore.js'
import type { Progress } from '../engine/search/result.js'
import type { Change } from '../kernel/changes/change.js'
import { isExecuted } from '../kernel/changes/changes_of.js'
import type { KernelName } from '../machine/kernels.js'
import { changesIn } from './boot.js'
import { type Cell, searched } from './cell.js'
import { conditionsOf } from './check.js'
import { type Race, withChanges } from './race.js'

/** A verdict without some changes, and with them. */
export interface ChangeCell {
  readonly before: Cell
  readonly after: Cell
  /** Ids of those of the changes that some run came by. */
  readonly executed: readonly string[]
}

/** Searches everything of one variant on one architecture and kernel, without and with changes of a user's. */
export function* changeCellOf(
  race: Race, variant: string, arch: string, kernel: KernelName, own: readonly Change[], options: ExploreOptions = {},
): Generator<Progress, ChangeCell> {
  const conditions = conditionsOf(race.variants[variant]!, arch, kernel)
  const before = yield* searched(race, variant, conditions, options)
  // Where nothing that they replace has run they make no difference, unless code asks for them by name.
  const mayRun = own.filter((change) => !before.loaded || isExecuted(change, changesIn(before.loaded.program), before.loaded.automaton.called))
  if (!before.loaded || mayRun.length === 0) return { before: before.cell, after: before.cell, executed: [] }
  const changed = { ...conditions, apply: [...conditions.apply ?? [], ...own.map(({ id }) => id)] }
  const after = yield* searched(withChanges(race, own), variant, changed, options)
  const { program, automaton } = after.loaded!
  return { before: before.cell, after: after.cell, executed: own.filter((change) => isExecuted(change, changesIn(program), automaton.called)).map(({ id }) => id) }
}
