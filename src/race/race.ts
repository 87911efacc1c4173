import type { Steps } from '../engine/model/step.js'
import type { Geometry } from '../kernel/geometry.js'
import { ByKernel, type KernelName } from '../machine/kernels.js'
import type { Feature } from './features.js'
import { raceProblem } from './race-schema.js'
import type { Setup } from './setup.js'

/** What history says a variant does: nothing on any profile, or one oracle on some profiles and nothing elsewhere. */
export type Expectation = { readonly holds: true } | { readonly violates: string; readonly on: readonly string[] | 'all' }

/** A kernel to run the race on: as released, with these changes taken out and put in, whether or not it had them. */
export interface Variant {
  readonly revert?: readonly string[]
  readonly apply?: readonly string[]
  /** On every kernel, or by kernel: byKernel({ '6.1': violates(…), '6.12': holds }). */
  readonly expect: Expectation | ByKernel<Expectation>
  /** One line: why. */
  readonly because?: string
  /** Of `sometimes`: what no run reaches here. Then nothing bad happening says little, and that is what the variant shows. */
  readonly never?: readonly string[]
}

/** What several races may have in common: a state, CPUs that run kernel functions over it, and what must happen. */
export interface Scene<Env = unknown> {
  /** Sizes that differ from the small default geometry. */
  readonly geometry?: Partial<Geometry>
  /** Track TLBs and walk caches. Default false: only races with user accesses need it. */
  readonly tlb?: boolean
  /** Parts of the kernel that it is about, by Kconfig symbol. It is not run where an architecture has none. */
  readonly needs?: readonly Feature[]
  /** Prepares the state the CPUs start from; runs with nobody else around. */
  readonly setup: (k: Setup) => Env
  /** What each CPU runs, by the lane's name. Each gets a CPU of its own, in this order. */
  readonly cpus: Readonly<Record<string, (env: Env) => Steps<unknown>>>
  /** Names given to `reach()`. A search that meets one of them in no run has proved nothing. */
  readonly sometimes: readonly string[]
  /** Oracles to check, by id. Default: all. */
  readonly oracles?: readonly string[]
}

/** A race: a scene, kernels to run it on, and what must come out. */
export interface Race<Env = unknown> extends Scene<Env> {
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
  /** `fixed` is the kernel as released; `bug` is what `--bug` runs. Others as the race likes. */
  readonly variants: Readonly<Record<string, Variant>> & { readonly fixed: Variant }
}

/** Declares a scene; a race takes it in with `...`. */
export const scene = <Env>(spec: Scene<Env>): Scene<Env> => spec

/** What history says of a variant on a kernel. */
export const expectOn = ({ expect }: Variant, kernel: KernelName): Expectation => (expect instanceof ByKernel ? expect.on(kernel) : expect)

/** Nothing may be violated. */
export const holds: Expectation = { holds: true }

/** The oracle must be violated on exactly these profiles, and nothing on the others. */
export const violates = (oracle: string, on: readonly string[] | 'all'): Expectation => ({ violates: oracle, on })

/** What has been declared and found in order. */
const declared = new WeakSet<object>()

/** Declares a race. A race file exports it as default. Throws a UserError that says what is wrong with it. */
export function race<Env>(spec: Race<Env>): Race {
  const wrong = raceProblem(spec)
  if (wrong) throw wrong
  declared.add(spec)
  // What setup returns is only ever handed to this race's own functions.
  return spec as unknown as Race
}

/** Whether this came from `race()`. */
export const isRace = (value: unknown): value is Race => typeof value === 'object' && value !== null && declared.has(value)
