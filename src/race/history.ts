import type { ExploreOptions } from '../engine/search/explore.js'
import type { Progress } from '../engine/search/result.js'
import { changes } from '../kernel/changes/index.js'
import { isExecuted } from '../kernel/changes/changes_of.js'
import type { KernelName } from '../machine/kernels.js'
import { changesIn } from './boot.js'
import { type Cell, searched, type Searched } from './cell.js'
import { conditionsOf } from './check.js'
import type { Race } from './race.js'

/** The verdicts of a variant on one architecture, by kernel. */
export interface History {
  readonly arch: string
  readonly cells: readonly Cell[]
  readonly turns: readonly Turn[]
}

/** Where the verdict is another than on the kernel before. */
export interface Turn {
  readonly kernel: KernelName
  /** Changes that came with the kernel: without any of these it is as before. None when it takes several at once. */
  readonly by: readonly string[]
}

/** Searches a variant on every kernel; where the verdict turns, again without each change that the runs came by. */
export function* historyOf(
  race: Race, variant: string, arch: string, kernels: readonly KernelName[], options: ExploreOptions = {},
): Generator<Progress, History> {
  const cells: Cell[] = []
  const turns: Turn[] = []
  for (const [i, kernel] of kernels.entries()) {
    const found = yield* searched(race, variant, conditionsOf(race.variants[variant]!, arch, kernel), options)
    const before = cells.at(-1)
    cells.push(found.cell)
    if (before && !isSame(before, found.cell)) turns.push({ kernel, by: yield* turnedBy(race, found, before, kernels.slice(0, i), options) })
  }
  return { arch, cells, turns }
}

const isSame = (a: Cell, b: Cell): boolean => a.verdict === b.verdict && a.oracles.join() === b.oracles.join()

function* turnedBy(
  race: Race, { cell, loaded }: Searched, before: Cell, older: readonly KernelName[], options: ExploreOptions,
): Generator<Progress, readonly string[]> {
  if (!loaded) return []
  const conditions = conditionsOf(race.variants[cell.variant]!, cell.arch, cell.kernel)
  const kernel = changesIn(loaded.program)
  const came = changes.filter(({ id, since }) => since !== undefined && !older.includes(since) && kernel.ids.has(id))
  const by: string[] = []
  for (const change of came.filter((one) => isExecuted(one, kernel, loaded.automaton.called))) {
    const without = yield* searched(race, cell.variant, { ...conditions, revert: [...conditions.revert ?? [], change.id] }, options)
    if (isSame(without.cell, before)) by.push(change.id)
  }
  return by
}
