import type { Observation, Program, StepRecord } from './program.js'

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
  /** The zero page (0), or a page of the huge zero page (1 …), is what was seen. */
  readonly zeroPage?: number
}

/** Called for every value that was compared. */
export type Tally = (field: string, agrees: boolean) => void

const text = (value: unknown): string => (value === undefined ? 'none' : String(value))

/** What the model does not claim to know: the place of a device page in an entry's low bits, which tells its frame number. */
const claimed = (group: 'o' | 'k', field: string, real: Observation): boolean => !(group === 'k' && field === 'entry-bits' && real[2] === 3)

/** Which page of the zero pages an observation is of, by process and page. */
type ZeroPages = ReadonlyMap<string, number>

const HUGE = 512

const zeroPages = (step: StepRecord): ZeroPages => {
  const zeros = new Map<string, number>()
  for (const o of step.o) {
    if (o[6] === 'Z') zeros.set(`${o[0]} ${o[1]}`, 0)
    else if (o[6] === 'HZ') zeros.set(`${o[0]} ${o[1]}`, 1 + (Number(o[1]) % HUGE))
  }
  return zeros
}

const zero = (zeros: ZeroPages, at: Observation): { zeroPage: number } | undefined => {
  const zeroPage = zeros.get(`${at[0]} ${at[1]}`)
  return zeroPage === undefined ? undefined : { zeroPage }
}

const compareGroup = (
  group: 'o' | 'k', real: readonly Observation[], model: readonly Observation[], zeros: ZeroPages, tally: Tally,
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
      differences.push({ field, where, real: text(expected[j + 2]), model: text(got[j + 2]), ...zero(zeros, expected) })
    }
  }
  return differences
}

/** Compares one step; `k` only where it was recorded. */
export const compareStep = (real: StepRecord, model: StepRecord, tally: Tally): Difference[] => {
  const differences: Difference[] = []
  const zeros = zeroPages(real)
  const single = (field: string, expected: unknown, got: unknown): void => {
    const agrees = text(expected) === text(got)
    tally(field, agrees)
    // What a read returned was seen in a page as well: the zero page's if only that is odd.
    const zeroPage = field === 'result' && zeros.size > 0 ? { zeroPage: 0 } : undefined
    if (!agrees) differences.push({ field, where: 'operation', real: text(expected), model: text(got), ...zeroPage })
  }
  single('return', real.r, model.r)
  single('errno', real.e, model.e)
  single('result', real.v, model.v)
  single('vmas', JSON.stringify(real.m), JSON.stringify(model.m))
  differences.push(...compareGroup('o', real.o, model.o, zeros, tally))
  if (real.k) differences.push(...compareGroup('k', real.k, model.k ?? [], zeros, tally))
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
  program: Program, model: Iterable<StepRecord>, each: { value: Tally; operation: Tally },
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
