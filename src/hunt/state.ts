import type { Steps } from '../engine/model/step.js'
import type { Geometry } from '../kernel/geometry.js'
import { DEFAULT_KERNEL, isSince, type KernelName } from '../machine/kernels.js'
import { type Feature, lackingFeatures } from '../race/features.js'
import type { Setup } from '../race/setup.js'
import type { Thing, Things } from './things.js'

/** What is mapped. */
export type Kind = 'anon' | 'huge' | 'shared' | 'hugetlb' | 'dax' | 'device'

/** What scenes begin with. */
export interface State<G extends Thing = Thing> {
  readonly name: string
  readonly kind: Kind
  /** What it has for operations. */
  readonly gives: readonly G[]
  /** The last lane is a thread of the child, by this name. Default: all lanes are the first process's. */
  readonly childLane?: string
  /** Lanes behind the others, by name, which every scene of this state has: workers that do what is queued, a GPU that is busy. */
  readonly others?: Readonly<Record<string, (things: Pick<Things, G>) => Steps<unknown>>>
  readonly needs?: readonly Feature[]
  /** The first kernel in which there is such a thing. */
  readonly since?: KernelName
  /** Sizes that differ from the small default geometry: enough for whatever operations may do. */
  readonly geometry: Partial<Geometry>
  readonly setup: (k: Setup) => Pick<Things, G>
}

/** Declares a state. */
export const state = <const G extends Thing>(spec: State<G>): State =>
  // An operation takes only what is in `gives`.
  spec as unknown as State

/** Whether this kernel has what the state is about on this architecture. */
export const isThere = ({ needs = [], since = '6.1' }: State, arch: string, kernel: KernelName = DEFAULT_KERNEL): boolean =>
  isSince(kernel, since) && lackingFeatures(needs, arch, kernel).length === 0
