import type { Strategy } from '../../engine/search/explore.js'
import type { Progress } from '../../engine/search/result.js'
import type { Conditions } from '../../race/boot.js'
import type { View } from '../view/view.js'

/** A step by name: of which lane, and with which label, if that is to be checked. */
export interface NamedStep {
  readonly lane: string
  readonly step?: string | undefined
  readonly alternative?: number | undefined
}

/** Which program a request is about. */
export interface Subject {
  readonly race: string
  readonly conditions: Conditions
}

/** Searches as `mmrace check` does. Answers with the view of the outcome. */
export interface SearchRequest extends Subject {
  readonly kind: 'search'
  readonly strategy?: Strategy
  readonly seconds?: number
}

/** Takes steps. Answers with a RunReply. */
export interface RunRequest extends Subject {
  readonly kind: 'run'
  /** Must fit; the run stops where it does not. */
  readonly schedule: readonly NamedStep[]
  /** Then these, as far as they go: what cannot run is left out. */
  readonly rest?: readonly NamedStep[]
  /** Then this lane alone, until it has to wait. */
  readonly alone?: string
  /** Then whatever can run, until nothing can. */
  readonly toEnd?: boolean
}

export interface RunReply {
  readonly view: View
  /** Where the schedule did not fit, counted from 1, and why. */
  readonly misfit?: { readonly step: number; readonly why: string } | undefined
}

/** Looks for the run with the fewest preemptions that violates an oracle. Answers with a FoundReply. */
export interface MinimiseRequest extends Subject {
  readonly kind: 'minimise'
  readonly oracle: string
}

/** Looks for a run to a state in which a condition holds, see race/condition.ts. Answers with a FoundReply. */
export interface WhereRequest extends Subject {
  readonly kind: 'where'
  readonly condition: string
}

export interface FoundReply {
  readonly view: View | undefined
  /** There is none; otherwise, not everything could be looked at. */
  readonly certain: boolean
}

/** Asks of each step that can run after a schedule, which must fit, what can still go wrong. Answers with Ahead[]. */
export interface AheadRequest extends Subject {
  readonly kind: 'ahead'
  readonly schedule: readonly NamedStep[]
}

export interface Ahead {
  readonly lane: number
  readonly alternative: number
  /** The oracles that some run from there violates. */
  readonly violates: readonly string[]
  /** Whether every run from there was looked at. */
  readonly complete: boolean
}

/** Takes the steps of a file that `mmrace check --trace` wrote. Answers with an OpenReply. */
export interface OpenRequest {
  readonly kind: 'open'
  readonly text: string
  /** Of the file, for messages. */
  readonly name: string
}

export interface OpenReply extends RunReply {
  /** The model that the run was recorded with. */
  readonly recordedWith: string
}

/** Looks for runs without a violation that reach each of the race's `sometimes`. Answers with Sample[]. */
export interface SamplesRequest extends Subject {
  readonly kind: 'samples'
}

export interface Sample {
  readonly reaches: string
  /** Undefined: no run tried reached it. */
  readonly view: View | undefined
}

export interface Replies {
  search: View
  run: RunReply
  open: OpenReply
  samples: readonly Sample[]
  minimise: FoundReply
  where: FoundReply
  ahead: readonly Ahead[]
}

export type Request = SearchRequest | RunRequest | OpenRequest | SamplesRequest | MinimiseRequest | WhereRequest | AheadRequest

/** What the page sends: a request with a number, or the wish that the running one stop. */
export type ToWorker = { readonly id: number; readonly request: Request } | { readonly stop: true }

export type FromWorker =
  | { readonly id: number; readonly progress: Progress }
  | { readonly id: number; readonly reply: unknown }
  | { readonly id: number; readonly failed: { readonly message: string; readonly hint: string } }
