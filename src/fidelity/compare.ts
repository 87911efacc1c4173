import type { Page } from '../kernel/include/page.js'
import type { ModelRecord, Observation, Program, StepRecord } from './program.js'

/** The fields of an observation, in its order after the process and the page. */
const FIELDS = {
  o: ['entry', 'perm', 'soft-dirty', 'value', 'frame', 'exclusive', 'mapped-once', 'file', 'mapcount', 'core-flags', 'volatile-flags'],
  k: ['kind', 'entry-bits', 'refcount', 'page-mapcount', 'own-mapcount', 'compound-mapcount', 'total-mapcount', 'pincount',
    'anon-exclusive', 'vm-flags', 'page-flags'],
} as const

/** One value that differs: field by field, and where. */
export interface Difference {
  readonly field: string
  readonly where: string
  readonly real: string
  readonly model: string
  /** The model's page that was observed. */
  readonly page?: Page
}

/** Called for every value that was compared. */
export type Tally = (field: string, agrees: boolean) => void

const text = (value: unknown): string => (value === undefined ? 'none' : String(value))

/** What the model does not claim to know: the place of a device page in an entry's low bits, which tells its frame number. */
const claimed = (group: 'o' | 'k', field: string, real: Observation): boolean => !(group === 'k' && field === 'entry-bits' && real[2] === 3)

const compareGroup = (
  group: 'o' | 'k', real: readonly Observation[], model: readonly Observation[], mapped: ModelRecord['mapped'], tally: Tally,
): Difference[] => {
  const differences: Difference[] = []
  for (const [i, expected] of real.entries()) {
    const got = model[i] ?? []
    for (const [j, field] of FIELDS[group].entries()) {
      if (j + 2 >= Math.max(expected.length, got.length) || !claimed(group, field, expected)) continue
      const agrees = expected[j + 2] === got[j + 2]
      tally(field, agrees)
      if (agrees) continue
      const where = `process ${text(expected[0])} page ${text(expected[1])}`
      const page = mapped.get(`${expected[0]} ${expected[1]}`)
      differences.push({ field, where, real: text(expected[j + 2]), model: text(got[j + 2]), ...(page && { page }) })
    }
  }
  return differences
}

/** Compares one step; `k` only where it was recorded. */
export const compareStep = (real: StepRecord, model: ModelRecord, tally: Tally): Difference[] => {
  const differences: Difference[] = []
  const single = (field: string, expected: unknown, got: unknown): void => {
    const agrees = text(expected) === text(got)
    tally(field, agrees)
    if (!agrees) differences.push({ field, where: 'operation', real: text(expected), model: text(got) })
  }
  single('return', real.r, model.r)
  single('errno', real.e, model.e)
  single('result', real.v, model.v)
  single('vmas', JSON.stringify(real.m), JSON.stringify(model.m))
  differences.push(...compareGroup('o', real.o, model.o, model.mapped, tally))
  if (real.k) differences.push(...compareGroup('k', real.k, model.k ?? [], model.mapped, tally))
  return differences
}

/** How one program went. */
export interface Comparison {
  readonly program: Program
  /** Steps that agreed before the first that did not. */
  readonly agreed: number
  readonly differences: readonly Difference[]
  /** The model gave up at the step after `agreed`. */
  readonly failure?: string
}

/**
 * Compares step by step up to the first that differs: from there on the model has another past than the kernel had.
 * `each` is told of every value and every operation.
 */
export const compareProgram = (
  program: Program, model: Iterable<ModelRecord>, each: { value: Tally; operation: Tally },
): Comparison => {
  let agreed = 0
  try {
    for (const step of model) {
      const differences = compareStep(program.steps[agreed]!, step, each.value)
      each.operation(program.prog[agreed]!.split(' ')[0]!, differences.length === 0)
      if (differences.length > 0) return { program, agreed, differences }
      agreed++
    }
  } catch (error) {
    each.operation(program.prog[agreed]!.split(' ')[0]!, false)
    return { program, agreed, differences: [], failure: error instanceof Error ? error.message : String(error) }
  }
  return { program, agreed, differences: [] }
}
