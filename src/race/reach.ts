import { atomic, type Step } from '../engine/model/step.js'

/** Says that this run did what the race is about; `name` stands in the race's `sometimes`. Not shown in tables. */
export const reach = (name: string): Step<void> => atomic(REACH + name, (m) => m.reach(name))

/** Start of the label of such a step. */
export const REACH = 'reach '
