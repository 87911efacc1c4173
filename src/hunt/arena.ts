import { Loaded } from '../engine/learn/loaded.js'
import { search } from '../engine/search/explore.js'
import type { Progress, Result } from '../engine/search/result.js'
import { boot } from '../race/boot.js'
import { Covered } from './covered.js'
import type { HuntedKernel } from './hunted-kernel.js'
import type { Operation } from './operation.js'
import { chosen } from './operations/chosen.js'
import { kernelLanes, needsTlb, otherLanes, type Scene } from './scene.js'
import type { State } from './state.js'
import type { Things } from './things.js'

/** What scenes must agree in to share what is learned. */
export const arenaOf = (scene: Scene): string =>
  `${scene.state.name} ${scene.operations.map(({ by }) => by?.[0] ?? '-').join('')} ${needsTlb(scene) ? 'tlb' : ''}`

/** What one search may take. */
export interface SceneBounds {
  readonly states: number
  readonly seconds: number
  readonly signal?: AbortSignal
}

/**
 * A kernel booted into a state, with lanes that may each do any operation: what is learned of an operation in one scene serves
 * all others. Dropped when it has grown large, or when model code threw.
 */
export class Arena {
  readonly loaded: Loaded
  readonly state: string
  private readonly start: Int32Array
  private readonly covered: Covered

  constructor(first: Scene, { changes = [], ...kernel }: HuntedKernel, arch: string, private readonly operations: readonly Operation[]) {
    const { state } = first
    this.state = state.name
    const runs = operations.map(({ run }) => run)
    const names = laneNames(state, first.operations.length)
    this.loaded = new Loaded(boot({
      name: 'hunt', title: state.name, geometry: state.geometry, tlb: needsTlb(first), setup: (k) => {
        const things = state.setup(k)
        k.kernelThreads([...kernelLanes(first.operations, names), ...Object.keys(state.others ?? {})])
        return things
      },
      cpus: { ...Object.fromEntries(names.map((name) => [name, (things: unknown) => chosen(runs, things as Things)])), ...otherLanes(state) },
      sometimes: [], changes, variants: { fixed: { expect: { holds: true } } },
    }, { ...kernel, arch }))
    this.start = this.loaded.startWords.slice()
    this.covered = new Covered(this.loaded)
  }

  /** Searches everything of one scene. */
  check(scene: Scene, bounds: SceneBounds): Generator<Progress, Result> {
    const choices = scene.operations.map((operation, thread) => ({ thread, alternative: this.operations.indexOf(operation) }))
    this.loaded.startAfter(choices, this.start)
    return search(this.loaded, { ...bounds, all: true })
  }

  /** What has been covered since the last time. */
  fresh(): Generator<string> {
    return this.covered.fresh()
  }

  /** Ids of those of the user's changes that something has run. */
  get executed(): readonly string[] {
    const { program: { cameBy }, automaton: { called } } = this.loaded
    return cameBy?.(called) ?? []
  }

  get bytes(): number {
    return this.loaded.bytes
  }
}

/** Lanes of the first process, and behind them the child's, if it has one. */
const laneNames = ({ childLane }: State, count: number): string[] =>
  Array.from({ length: count }, (_, i) => (i === count - 1 && childLane !== undefined ? childLane : `lane ${i + 1}`))
