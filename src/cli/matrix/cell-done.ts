import { enteredArms, forgetArms } from '../../engine/model/arms.js'
import { isExecuted } from '../../kernel/changes/changes_of.js'
import { changes } from '../../kernel/changes/index.js'
import { changesIn } from '../../race/boot.js'
import { searched, type Searched } from '../../race/cell.js'
import { changeCellOf } from '../../race/change-cell.js'
import { conditionsOf, finish } from '../../race/check.js'
import { functionsRun } from '../../race/functions-run.js'
import { ownChanges } from '../own-changes.js'
import { loadRace } from '../races.js'
import type { CellDone, CellJob, Covered } from './cell-job.js'

/** Searches a cell, in this thread, to its end. */
export async function cellDone({ race: name, variant, arch, kernel, seconds, changes: files, tell }: CellJob): Promise<CellDone> {
  const [race, own] = [await loadRace(name), await ownChanges(files)]
  const start = performance.now()
  const taken = (): number => Math.round(performance.now() - start)
  if (own.length > 0) return { ...finish(changeCellOf(race, variant, arch, kernel, own, { seconds })), milliseconds: taken() }
  const conditions = conditionsOf(race.variants[variant]!, arch, kernel)
  if (tell?.coverage) forgetArms()
  const found = finish(searched(race, variant, conditions, { seconds }))
  return {
    before: found.cell, after: found.cell, executed: [], milliseconds: taken(),
    ...(tell?.coverage && { covered: coveredBy(found) }),
    ...(tell?.functions && found.loaded && { functions: functionsRun(race, conditions, found.loaded) }),
  }
}

const coveredBy = ({ loaded, reached }: Searched): Covered => ({
  entered: enteredArms(), reached,
  changes: loaded ? changes.filter((change) => isExecuted(change, changesIn(loaded.program), loaded.automaton.called)).map(({ id }) => id) : [],
})
