import type { Stats } from '../../engine/search/result.js'
import type { Conditions } from '../../race/boot.js'
import type { Values } from '../../race/race.js'
import type { Orders } from '../../trace/orders.js'
import type { Trace } from '../../trace/trace.js'
import type { NamedStep } from '../worker/requests.js'

/** All that the page shows of one run of one race, as plain data: what an exported file carries. */
export interface View {
  readonly race: RaceInfo
  readonly conditions: Required<Conditions>
  /** What the search said; undefined for a run that somebody made by hand. */
  readonly verdict: Verdict | undefined
  /** Name of the model, see trace-file.ts:modelHash. */
  readonly model: string
  readonly trace: Trace
  /** Whether all lanes have ended. */
  readonly ended: boolean
  /** What could run: before the first step and after each. */
  readonly points: readonly Point[]
  /** The state before the first step. */
  readonly cells: readonly CellText[]
  /** What was reached of the race's `sometimes`, and with which step. */
  readonly reached: readonly { readonly step: number; readonly name: string }[]
}

export interface RaceInfo {
  readonly name: string
  readonly title: string
  readonly tags: readonly string[]
  readonly references: readonly string[]
  readonly sometimes: readonly string[]
  readonly oracles: readonly string[]
  readonly variants: readonly VariantInfo[]
}

export interface VariantInfo {
  readonly name: string
  readonly revert: readonly string[]
  readonly apply: readonly string[]
  readonly with: Values
  readonly because: string | undefined
}

/** The sentences of the report that `mmrace check` prints. */
export interface Verdict {
  readonly word: 'VIOLATED' | 'HOLDS' | 'VACUOUS' | 'NOT FOUND' | 'INCONCLUSIVE'
  readonly headline: string
  readonly conditions: string
  readonly search: string
  readonly run: string | undefined
  readonly report: string
  /** Orders of locks that could deadlock, as lockdep reports them. */
  readonly lockdep: string | undefined
  /** Which orders the violation depends on, when they were found in time. */
  readonly orders: Orders | undefined
  /** One run for each oracle that the search found violated. */
  readonly violations: readonly ViolatingRun[]
  readonly stats: Stats
  readonly coverage: readonly FunctionCoverage[]
}

/** A run that violates an oracle, by the names of its steps. */
export interface ViolatingRun {
  readonly oracle: string
  readonly message: string
  readonly schedule: readonly NamedStep[]
}

/** A function of the modelled kernel, and whether any run came by. */
export interface FunctionCoverage {
  readonly name: string
  readonly file: string
  readonly reached: boolean
}

export interface CellText {
  readonly name: string
  readonly value: string
  readonly ghost: boolean
}

/** What each lane could do next, in the order of the lanes. */
export type Point = readonly LanePoint[]

export interface LanePoint {
  /** The next step; undefined once the lane has ended. */
  readonly label: string | undefined
  /** The function it is in. */
  readonly fn: string | undefined
  /** In order of their numbers; more than one for a choice, or an access by one of several translations. */
  readonly alternatives: readonly Alternative[]
}

export interface Alternative {
  /** Why it cannot run now. */
  readonly blocked?: string
  /** Cells that a blocked step looked at. */
  readonly waitsOn?: readonly string[]
  /** The oracle that it would violate. */
  readonly violates?: string
  /** It makes no difference whether it or the step that the run takes here comes first. */
  readonly commutes?: true
}

/** What the list of races shows of one; what it refers to, and why its variants are as they are, comes with its view. */
export type RaceEntry = Omit<RaceInfo, 'references' | 'variants'> & { readonly variants: readonly Omit<VariantInfo, 'because'>[] }
