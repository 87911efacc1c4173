import { expectOn, type Expectation, type Race } from '../race/race.js'
import type { Cell } from '../race/cell.js'
import type { Coverage } from './coverage.js'
import type { TraceStep } from '../trace/trace.js'

/** One verdict as reports tell it. */
export interface Case {
  readonly cell: Cell
  /** `hold`, or `violate O6`. */
  readonly expected: string
  /** Where the race says so: a path from the working directory, and a line from 1. */
  readonly file: string
  readonly line: number
  readonly milliseconds: number
  /** From the results of an earlier run, which nothing that they rest on has changed. */
  readonly cached?: true
  readonly wrong?: Wrong
}

/** What is not as the race says. */
export interface Wrong {
  /** What kind of thing: an oracle, or one of `RULES`. */
  readonly rule: string
  /** One line. */
  readonly message: string
  /** With the interleaving, if there is one. */
  readonly text: string
  readonly lanes: readonly string[]
  readonly steps: readonly PlacedStep[]
}

/** A step with the kernel function that it is in, and where that is in Linux. */
export interface PlacedStep extends Pick<TraceStep, 'lane' | 'label' | 'source'> {
  readonly fn?: string
  /** `mm/gup.c`. */
  readonly kernelFile?: string
}

/** What may be wrong beside a violation that nobody expects. */
export const RULES = {
  'not-violated': 'a violation that history tells of is not found',
  vacuous: 'holds, but what the race is about never happens',
  incomplete: 'not searched to the end',
} as const

/** All that a run of a matrix has come to. */
export interface Report {
  /** Of mmrace. */
  readonly version: string
  /** When it began. */
  readonly date: Date
  readonly cases: readonly Case[]
  /** The tables, as they are printed. */
  readonly text: string
  readonly part?: Part
  readonly coverage?: Coverage
  /** The hash of the model's sources. */
  readonly model?: string
}

/** Which part of a larger matrix it is. */
export interface Part {
  /** From 1. */
  readonly index: number
  readonly of: number
  /** Verdicts of the whole. */
  readonly total: number
  /** The hash of the list of them. */
  readonly list: string
  /** The place of each case in that list. */
  readonly at: readonly number[]
}

/** What the race expects, in words. */
export function expectedOf(race: Race, { variant, kernel, arch }: Cell): string {
  const expected: Expectation = expectOn(race.variants[variant]!, kernel)
  return 'violates' in expected && (expected.on === 'all' || expected.on.includes(arch)) ? `violate ${expected.violates}` : 'hold'
}

/** Which rule a verdict is against that is not as the race says. */
export function ruleOf({ verdict, oracles, neverReached }: Cell, expected: string): string {
  if (verdict === 'not-found' || verdict === 'inconclusive') return 'incomplete'
  if (expected !== 'hold') return 'not-violated'
  return verdict === 'violated' ? oracles[0] ?? 'not-violated' : neverReached.length > 0 ? 'vacuous' : 'not-violated'
}

/** `bug on arm64, Linux 6.1`. */
export const placeOf = ({ variant, arch, kernel }: Cell): string => `${variant} on ${arch}, Linux ${kernel}`
