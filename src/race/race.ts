import type { Steps } from '../engine/model/step.js'
import type { Change } from '../kernel/changes/change.js'
import type { Geometry } from '../kernel/geometry.js'
import { ByKernel, type KernelName } from '../machine/kernels.js'
import type { Feature } from './features.js'
import { changeIds } from './named-changes.js'
import type { OwnOracle } from './own-oracle.js'
import { raceProblem } from './race-schema.js'
import type { Setup } from './setup.js'

/** What history says a variant does: nothing on any profile, or one oracle on some profiles and nothing elsewhere; or that it does not apply. */
export type Expectation =
  | { readonly holds: true }
  | { readonly violates: string; readonly on: readonly string[] | 'all' }
  /** What the variant changes is not there: a kernel that has lost it, or has not got it yet. */
  | { readonly absent: string }

/** What a variant tells the code of a race. */
export type Values = Readonly<Record<string, string | number | boolean>>

/** A kernel to run the race on: as released, with these changes taken out and put in, whether or not it had them. */
export interface Variant {
  readonly revert?: readonly string[]
  readonly apply?: readonly string[]
  /** Values that `setup` and `cpus` get: two forms of one driver in one file. */
  readonly with?: Values
  /** On every kernel, or by kernel: byKernel({ '6.1': violates(…), '6.12': holds }). */
  readonly expect: Expectation | ByKernel<Expectation>
  /** One line: why. */
  readonly because?: string
  /** Of `sometimes`: what no run reaches here. Then nothing bad happening says little, and that is what the variant shows. */
  readonly never?: readonly string[]
}

/** What several races may have in common: a state, CPUs that run kernel functions over it, and what must happen. */
export interface Scene<Env = unknown, With extends Values = Values> {
  /** Sizes that differ from the small default geometry. */
  readonly geometry?: Partial<Geometry>
  /** Track TLBs and walk caches. Default false: only races with user accesses need it. */
  readonly tlb?: boolean
  /** Parts of the kernel that it is about, by Kconfig symbol. It is not run where an architecture has none. */
  readonly needs?: readonly Feature[]
  /** Prepares the state the CPUs start from; runs with nobody else around. */
  readonly setup: (k: Setup, values: Partial<With>) => Env
  /** What each CPU runs, by the lane's name. Each gets a CPU of its own, in this order. */
  readonly cpus: Readonly<Record<string, (env: Env, values: Partial<With>) => Steps<unknown>>>
  /** Lanes that need not end: servers, workers. They may go round for ever, and wait for ever once another has ended. */
  readonly endless?: readonly string[]
  /** Names given to `reach()`. A search that meets one of them in no run has proved nothing. */
  readonly sometimes: readonly string[]
  /** The same of what need not happen: a scene of several races may come by what is not the point of each. */
  readonly maybe?: readonly string[]
  /** Oracles to check, by id; default: all. And oracles of its own: oracle({ id, watch }). */
  readonly oracles?: readonly (string | OwnOracle<never>)[]
}

/** A race: a scene, kernels to run it on, and what must come out. */
export interface Race<Env = unknown, With extends Values = Values> extends Scene<Env, With> {
  readonly name: string
  /** One line for `mmrace list`. */
  readonly title: string
  /** The thread it comes from, S0 … S4. */
  readonly seed?: string
  /** The question it answers, Q1 … Q27, and the entry of the corpus it models, A1 … I3. */
  readonly question?: string
  readonly bug?: string
  /** What was asked in the thread, in its words; and the answer, in a few sentences. */
  readonly asked?: string
  readonly answer?: string
  /** Commits, CVEs, mails: one per entry. */
  readonly references?: readonly string[]
  /**
   * The half of it that no interleaving shows, because it needs weak memory: litmus tests in races/litmus, of barriers.
   * A race with no variant that violates is all of that kind: its verdict here is that of sequential consistency.
   */
  readonly litmus?: readonly string[]
  /** Changes of its own. Those that a variant applies itself, not by name, need not be here. */
  readonly changes?: readonly Change[]
  /** `fixed` is the kernel as released; `bug` is what `--bug` runs. Others as the race likes. */
  readonly variants: Readonly<Record<string, Variant>> & { readonly fixed: Variant }
}

/** A variant as it is declared: changes may be named, or be there themselves. */
type VariantSpec<With extends Values> = Omit<Variant, 'apply' | 'with'> & { readonly apply?: readonly (string | Change)[]; readonly with?: With }

/** A race as it is declared. */
export type RaceSpec<Env, With extends Values> = Omit<Race<Env, With>, 'variants'> & {
  readonly variants: Readonly<Record<string, VariantSpec<With>>> & { readonly fixed: VariantSpec<With> }
}

/** Declares a scene; a race takes it in with `...`. */
export const scene = <Env, With extends Values = Values>(spec: Scene<Env, With>): Scene<Env, With> => spec

/** What history says of a variant on a kernel. */
export const expectOn = ({ expect }: Variant, kernel: KernelName): Expectation => (expect instanceof ByKernel ? expect.on(kernel) : expect)

/** Nothing may be violated. */
export const holds: Expectation = { holds: true }

/** The oracle must be violated on exactly these profiles, and nothing on the others. */
export const violates = (oracle: string, on: readonly string[] | 'all'): Expectation => ({ violates: oracle, on })

/** The kernel does not have `what`, which the variant changes: nothing is violated, and that says nothing. */
export const absent = (what: string): Expectation => ({ absent: what })

/** What has been declared and found in order. */
const declared = new WeakSet<object>()

/** Declares a race. A race file exports it as default. Throws a UserError that says what is wrong with it. */
export function race<Env, With extends Values = Values>(spec: RaceSpec<Env, With>): Race {
  const wrong = raceProblem(spec)
  if (wrong) throw wrong
  const own = [...new Set([...spec.changes ?? [], ...Object.values(spec.variants).flatMap(({ apply = [] }) => apply.filter((one) => typeof one !== 'string'))])]
  const named = Object.entries(spec.variants).map(([name, { revert, apply, ...variant }]) => [name, {
    ...variant,
    ...(revert && { revert: changeIds(revert) }),
    ...(apply && { apply: changeIds(apply.map((one) => (typeof one === 'string' ? one : one.id)), own) }),
  }])
  // What setup returns is only ever handed to this race's own functions.
  const made = { ...spec, changes: own, variants: Object.fromEntries(named) } as unknown as Race
  declared.add(made)
  return made
}

/** The race with these changes put into every kernel that it is run on. */
export function withChanges(race: Race, own: readonly Change[]): Race {
  const made = { ...race, changes: [...race.changes ?? [], ...own] }
  declared.add(made)
  return made
}

/** The same for where a reader chooses among the variants: each as it is, and with the changes. */
export function withBothForms(race: Race, own: readonly Change[]): Race {
  if (own.length === 0) return race
  const ids = own.map(({ id }) => id)
  const changed = Object.entries(race.variants).map(([name, variant]) => [`${name} with ${ids.join(', ')}`, { ...variant, apply: [...variant.apply ?? [], ...ids] }])
  return { ...withChanges(race, own), variants: { ...race.variants, ...Object.fromEntries(changed) as Race['variants'] } }
}

/** Whether this came from `race()`. */
export const isRace = (value: unknown): value is Race => typeof value === 'object' && value !== null && declared.has(value)
