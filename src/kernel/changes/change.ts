import type { Steps } from '../../engine/model/step.js'
import type { KernelName } from '../../machine/kernels.js'
import { changeSpecProblem } from './change_schema.js'

/** A function of model code, as others import it. */
export type ModelFunction = (...args: never[]) => Steps<unknown>

/** How a function was without a change, and how it is with it. */
export type Replacement = readonly [before: ModelFunction, after: ModelFunction]

/**
 * What makes one kernel differ from another: a commit, whose step a run can take out again; a proposal or a mutation, which
 * it can put in. Model code asks `has(id)` in the place where the change moved a step. Where it rewrote a function there
 * are two: the newest form under its plain name, the older one beside it in a file that says until when.
 */
export interface Change {
  /** Twelve digits of the commit id in Linus' tree, or a word. */
  readonly id: string
  readonly title: string
  /** First version of Linux with the commit; for a proposal or a mutation, the version it was made against. A user's own has none. */
  readonly version?: string
  readonly cve?: string
  /** What it changes in the model, in one line. */
  readonly changes?: string
  /** The first of our kernels that has it. None: a proposal by somebody, or a mutation. */
  readonly since?: KernelName
  /** Takes a step of a fix out, to see that it was needed. */
  readonly mutation?: true
  /** Functions that it rewrote. The kernels without it run the first of each pair, those with it the second. */
  readonly replace?: readonly Replacement[]
  /** Words of its own, with what is in them at boot: cell_of(change, name). */
  readonly cells?: Readonly<Record<string, number>>
}

/** Each function with what runs in its place, which has the same parameters. */
type Pairs<F extends readonly ModelFunction[]> = { readonly [K in keyof F]: readonly [F[K], NoInfer<F[K]>] }

/** A change of a user's own. */
export interface OwnChange<F extends readonly ModelFunction[]> {
  /** Small letters, digits and dashes. `has(id)` in code of one's own says whether the kernel has it. */
  readonly id: string
  /** One line. */
  readonly title: string
  /** What it changes, in one line. */
  readonly changes?: string
  /** Functions of the kernel, and what runs in their place. `original()` has the function itself. */
  readonly replace?: Pairs<F>
  /** Words of its own, with what is in them at boot: `cells: { generation: 0 }`. Its functions have them by cell_of(id, 'generation'). */
  readonly cells?: Readonly<Record<string, number>>
}

/**
 * Declares a change of a user's own: for `changes` of a race, or exported from a file for `--change FILE`. Throws a
 * UserError that says what is wrong with it.
 */
export function change<const F extends readonly ModelFunction[] = readonly []>(spec: OwnChange<F>): Change {
  const wrong = changeSpecProblem(spec)
  if (wrong) throw wrong
  const own: Change = spec as unknown as Change
  declared.add(own)
  return own
}

/** What change() has found in order. */
const declared = new WeakSet<object>()

/** The changes that a module exports, whatever it calls them: what came from `change()`, alone or in lists. */
export const changesIn = (module: Readonly<Record<string, unknown>>): Change[] => [...new Set(Object.values(module).flat().filter(isChange))]

/** Whether this came from `change()`. */
export const isChange = (value: unknown): value is Change => typeof value === 'object' && value !== null && declared.has(value)
