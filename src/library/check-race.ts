import { UserError } from '../engine/errors.js'
import type { ExploreOptions } from '../engine/search/explore.js'
import type { Progress, Stats } from '../engine/search/result.js'
import { DEFAULT_KERNEL } from '../machine/kernels.js'
import { askedConditions, type Asked } from '../race/asked.js'
import type { Cell } from '../race/cell.js'
import { asExpected, checkRace as checked, type Outcome } from '../race/check.js'
import { missingFeatures } from '../race/features.js'
import { isRace, type Race } from '../race/race.js'
import { variantOf } from '../race/variant-of.js'
import { report as reportOf, type ReportOptions } from '../trace/report.js'
import { type Trace, traceOf } from '../trace/trace.js'
import { headline } from '../trace/verdict.js'
import { inSlices } from './in-slices.js'

export type { Asked } from '../race/asked.js'
export type { ReportOptions } from '../trace/report.js'

/** What to check a race on, and how; and who is told how far it is. */
export interface CheckOptions extends Asked, Omit<ExploreOptions, 'checkpoint' | 'resume' | 'changes'> {
  /** Strategy `pct` only: priority changes per run. */
  readonly changes?: number
  /** Told from time to time, between slices of the search. */
  readonly onProgress?: (progress: Progress) => void
  /** Ends the search: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal
}

/** What came of it. */
export interface Verdict extends Omit<Cell, 'asExpected' | 'variant'> {
  /** The variant that the race declares for these conditions; undefined when it has none. */
  readonly variant: string | undefined
  /** Whether that is what the race says it should be; undefined where it does not say. */
  readonly asExpected: boolean | undefined
  /** Holds, but what the race is about never happens: an answer that says nothing. */
  readonly vacuous: boolean
  /** One line, as `mmrace check` begins. */
  readonly headline: string
  /** The run that violates something, step by step. */
  readonly trace: Trace | undefined
  readonly stats: Stats | undefined
  /** All that `mmrace check` prints: verdict, conditions, and the interleaving. */
  report(options?: ReportOptions): string
}

/**
 * Searches all interleavings of a race, in this thread, and leaves the event loop free between slices. Rejects with a UserError for
 * what makes no sense, a ModelError when model code fails, and the signal's reason when it is aborted.
 */
export async function checkRace(race: Race, options: CheckOptions = {}): Promise<Verdict> {
  const { arch, kernel, variant, revert, apply, onProgress, signal, ...search } = options
  if (!isRace(race)) throw new UserError('no-race', 'this is not a race', 'hand over what race({ … }) gives, as it is: the default export of a race file')
  signal?.throwIfAborted()
  const conditions = askedConditions(race, {
    ...(arch !== undefined && { arch }), ...(kernel !== undefined && { kernel }), ...(variant !== undefined && { variant }),
    ...(revert && { revert }), ...(apply && { apply }),
  })
  const missing = missingFeatures(race, conditions.arch, conditions.kernel)
  if (missing.length > 0) return absent(race, conditions, missing)
  return verdictOf(await inSlices(checked(race, conditions, { ...search, ...(signal && { signal }) }), signal, onProgress))
}

const subject = (race: Race, conditions: Outcome['conditions']) => ({
  race: race.name, variant: variantOf(race, conditions)?.[0], arch: conditions.arch, kernel: conditions.kernel ?? DEFAULT_KERNEL,
})

function absent(race: Race, conditions: Outcome['conditions'], missing: Cell['missing']): Verdict {
  const text = `ABSENT  ${conditions.arch} has no ${missing.join(', ')}, which the race is about`
  return {
    ...subject(race, conditions), verdict: 'absent', missing, oracles: [], neverReached: [], asExpected: true, vacuous: false, states: 0,
    headline: text, trace: undefined, stats: undefined, report: () => text,
  }
}

function verdictOf(outcome: Outcome): Verdict {
  const { race, conditions, result, neverReached, shown, loaded } = outcome
  let run: Trace | undefined
  const trace = (): Trace | undefined => (run ??= shown && traceOf(loaded, shown.found))
  return {
    ...subject(race, conditions), verdict: result.verdict, missing: [], neverReached,
    oracles: result.verdict === 'violated' ? [...new Set(result.found.map(({ violation }) => violation.oracle))].toSorted() : [],
    asExpected: asExpected(outcome), vacuous: result.verdict === 'holds' && neverReached.length > 0,
    states: result.stats.states, stats: result.stats, headline: headline(outcome),
    get trace() {
      return trace()
    },
    report: (options) => reportOf(outcome, trace(), options),
  }
}
