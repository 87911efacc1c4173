import { UserError } from '../engine/errors.js'
import { atomic, type Step } from '../engine/model/step.js'
import { nearestHint } from '../engine/nearest.js'
import { shown } from '../engine/shown.js'

/** Start of the label of such a step. */
export const REACH = 'reach '

/** What the race that runs says must happen in some run, or may. */
let expected: readonly string[] | undefined

/** From now on model code of this race runs. */
export function expectMarks(names: readonly string[]): void {
  expected = names
}

/** Says that this run did what the race is about; `name` stands in the race's `sometimes`. Not shown in tables. */
export function reach(name: string): Step<void> {
  if (expected && !expected.includes(name)) {
    throw new UserError('unknown-mark', `reach(${shown(name)}) is not in sometimes`, nearestHint(name, expected, `sometimes has ${expected.join(', ')}`))
  }
  return atomic(REACH + name, (m) => m.reach(name))
}
