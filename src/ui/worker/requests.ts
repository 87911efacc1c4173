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
}

export type Request = SearchRequest | RunRequest | OpenRequest | SamplesRequest

/** What the page sends: a request with a number, or the wish that the running one stop. */
export type ToWorker = { readonly id: number; readonly request: Request } | { readonly stop: true }

export type FromWorker =
  | { readonly id: number; readonly progress: Progress }
  | { readonly id: number; readonly reply: unknown }
  | { readonly id: number; readonly failed: { readonly message: string; readonly hint: string } }
