import type { Page } from '../kernel/include/page.js'
import type { ModelRecord, Observation, Program, StepRecord } from './program.js'
import type { Tally } from './tally.js'

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

const text = (value: unknown): string => (value === undefined ? 'none' : String(value))

/** What an unmodified kernel does not show, as it has neither the device mirror nor the observer. */
const HIDDEN_ON_STOCK: ReadonlySet<string> = new Set(['perm', 'value'])

/** What the model does not claim to know: the place of a device page in an entry's low bits, which tells its frame number. */
const isClaimed = (field: string, [, , kind]: Observation): boolean => field !== 'entry-bits' || kind !== 3

const compareGroup = (
  group: 'o' | 'k', real: readonly Observation[], model: ModelRecord, tally: Tally, hidden: ReadonlySet<string>,
): Difference[] => {
  const differences: Difference[] = []
  const { mapped } = model
  for (const [i, expected] of real.entries()) {
    const got = model[group]?.[i] ?? []
    const end = Math.max(expected.length, got.length) - 2
    for (const [j, field] of FIELDS[group].entries()) {
      if (j >= end) break
      if (hidden.has(field) || !isClaimed(field, expected)) continue
      const agrees = expected[j + 2] === got[j + 2]
      tally.value(field, agrees)
      if (agrees) continue
      const [id, at] = expected
      const page = mapped(Number(id), Number(at))
      differences.push({
        field, where: `process ${text(id)} page ${text(at)}`, real: text(expected[j + 2]), model: text(got[j + 2]), ...(page && { page }),
      })
    }
  }
  return differences
}

const vmaText = ([process, start, end, permission]: Observation): string =>
  `process ${text(process)} ${text(start)}-${text(end)} ${text(permission)}`

/** VMAs that the other side does not have. */
const onlyIn = (vmas: readonly Observation[], others: readonly Observation[]): string => {
  const known = new Set(others.map(vmaText))
  return vmas.map(vmaText).filter((vma) => !known.has(vma)).join(', ') || 'none'
}

const sameVmas = (real: readonly Observation[], model: readonly Observation[]): boolean =>
  real.length === model.length && real.every((vma, i) => vma.every((value, j) => value === model[i]![j]))

/** Compares one step; `k` only where it was recorded. */
export const compareStep = (real: StepRecord, model: ModelRecord, tally: Tally, hidden: ReadonlySet<string>): Difference[] => {
  const differences: Difference[] = []
  const single = (field: string, agrees: boolean, expected: () => string, got: () => string): void => {
    tally.value(field, agrees)
    if (!agrees) differences.push({ field, where: 'operation', real: expected(), model: got() })
  }
  single('return', real.r === model.r, () => text(real.r), () => text(model.r))
  single('errno', real.e === model.e, () => text(real.e), () => text(model.e))
  single('result', real.v === model.v, () => text(real.v), () => text(model.v))
  single('vmas', sameVmas(real.m, model.m), () => onlyIn(real.m, model.m), () => onlyIn(model.m, real.m))
  differences.push(...compareGroup('o', real.o, model, tally, hidden))
  if (real.k) differences.push(...compareGroup('k', real.k, model, tally, hidden))
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

/** Whether it was recorded on a kernel without the observer: no page's content is seen. */
const isStock = ({ steps }: Program): boolean =>
  steps.every(({ k, o }) => k === undefined && o.every(([, , kind, , , value]) => kind !== 'P' || value === -1))

/**
 * Compares step by step up to the first that differs: from there on the model has another past than the kernel had.
 * The tally is told of every value and every operation.
 */
export const compareProgram = (program: Program, model: Iterable<ModelRecord>, tally: Tally): Comparison => {
  let agreed = 0
  const hidden = isStock(program) ? HIDDEN_ON_STOCK : new Set<string>()
  const name = (): string => program.prog[agreed]!.split(' ', 1)[0]!
  try {
    for (const step of model) {
      const differences = compareStep(program.steps[agreed]!, step, tally, hidden)
      tally.operation(name(), differences.length === 0)
      if (differences.length > 0) return { program, agreed, differences }
      agreed++
    }
  } catch (error) {
    tally.operation(name(), false)
    return { program, agreed, differences: [], failure: error instanceof Error ? error.message : String(error) }
  }
  return { program, agreed, differences: [] }
}
