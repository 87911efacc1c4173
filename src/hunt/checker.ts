import { InternalError, ModelError, UserError } from '../engine/errors.js'
import { Loaded } from '../engine/learn/loaded.js'
import { search } from '../engine/search/explore.js'
import type { Progress, Result } from '../engine/search/result.js'
import type { Geometry } from '../kernel/geometry.js'
import { SMALL } from '../kernel/geometry.js'
import { TooSmall } from '../kernel/too_small.js'
import { boot } from '../race/boot.js'
import { Arena, arenaOf, type SceneBounds } from './arena.js'
import { type HuntedKernel, kernelKey } from './hunted-kernel.js'
import type { Operation } from './operation.js'
import { raceOf, type Scene } from './scene.js'
import type { SceneResult } from './scene-result.js'
import { sightingOf, type Sighting } from './sighting.js'
import type { State } from './state.js'

/** Bytes that all arenas together may take, and one. */
const MOST = 3_000_000_000
const MOST_OF_ONE = 800_000_000

export interface CheckerOptions {
  readonly operations: readonly Operation[]
  readonly kernel: HuntedKernel
  /** Another kernel: what it has as well is not reported. */
  readonly against?: HuntedKernel
  readonly bounds: SceneBounds
}

interface Searched {
  readonly result: Result
  readonly sightings: readonly Sighting[]
}

/** Checks scenes one after the other, and keeps what it learns. */
export class Checker {
  /** The one used last is last. */
  private readonly arenas = new Map<string, Arena>()
  private readonly covered = new Set<string>()
  private readonly executed = new Set<string>()
  /** States that turned out to need a larger machine. */
  private readonly grown = new Map<string, State>()

  constructor(private readonly options: CheckerOptions) {}

  *check(asked: Scene, arch: string): Generator<Progress, SceneResult> {
    const { against, kernel } = this.options
    const began = performance.now()
    const about = { arch, state: asked.state.name, operations: asked.operations.map(({ name }) => name) }
    let states = 0
    const fresh: string[] = []
    const executed: string[] = []
    const done = (rest: Pick<SceneResult, 'verdict' | 'sightings' | 'why'>): SceneResult =>
      ({ ...about, ...rest, states, took: performance.now() - began, covered: fresh, executed })
    try {
      const { result, sightings } = yield* this.search(asked, kernel, arch, (arena) => {
        fresh.push(...this.newIn(this.covered, arena.fresh()))
        executed.push(...this.newIn(this.executed, arena.executed))
      })
      states = result.stats.states
      if (result.verdict === 'holds') return done({ verdict: 'holds', sightings: [] })
      if (result.verdict === 'not-found') return done({ verdict: 'incomplete', sightings: [], why: `more than ${result.stopped.limit} ${result.stopped.bound}` })
      if (result.verdict === 'inconclusive') return done({ verdict: 'incomplete', sightings: [], why: result.why })
      if (!against) return done({ verdict: 'violated', sightings })
      const base = yield* this.search(asked, against, arch, () => {})
      if (base.result.verdict === 'not-found') return done({ verdict: 'incomplete', sightings: [], why: 'the other kernel has too many states' })
      const known = new Set(base.sightings.map(({ oracle }) => oracle))
      const own = sightings.filter(({ oracle }) => !known.has(oracle))
      return done({ verdict: own.length > 0 ? 'violated' : 'holds', sightings: own })
    } catch (error) {
      if (!(error instanceof ModelError || error instanceof InternalError || error instanceof UserError)) throw error
      if (error instanceof UserError && !(error instanceof TooSmall)) throw error
      return done({ verdict: 'failed', sightings: [], why: error.message })
    }
  }

  /** Does something with a scene on the machine that it needs: on a larger one as often as it turns out too small. */
  *onMachine<T>({ state, operations }: Scene, run: (scene: Scene) => Generator<Progress, T>): Generator<Progress, T> {
    for (let attempt = 0; ; attempt++) {
      const current = this.grown.get(state.name) ?? state
      try {
        return yield* run({ state: current, operations })
      } catch (error) {
        if (!(error instanceof TooSmall) || attempt === 8) throw error
        this.grow(current, error.size)
      }
    }
  }

  private search(asked: Scene, kernel: HuntedKernel, arch: string, look: (arena: Arena) => void): Generator<Progress, Searched> {
    return this.onMachine(asked, (scene) => this.searchOn(scene, kernel, arch, look))
  }

  private *searchOn(scene: Scene, kernel: HuntedKernel, arch: string, look: (arena: Arena) => void): Generator<Progress, Searched> {
    const key = `${kernelKey(kernel)} ${arch} ${arenaOf(scene)}`
    try {
      const arena = this.arena(key, scene, kernel, arch)
      const result = yield* arena.check(scene, this.options.bounds)
      look(arena)
      if (result.verdict !== 'violated') return { result, sightings: [] }
      const alone = result.found.some(({ cycles }) => cycles) && new Loaded(boot(raceOf(scene, kernel.changes), { ...kernel, arch }))
      const loaded = alone || arena.loaded
      // The orders of locks that an arena knows are those of all its scenes: only a search of this one tells which are its own.
      const real = alone ? yield* search(alone, { ...this.options.bounds, all: true }) : result
      if (real.verdict !== 'violated') return { result: real, sightings: [] }
      return { result: real, sightings: real.found.map((found) => sightingOf(loaded, found)) }
    } catch (error) {
      this.arenas.delete(key)
      throw error
    }
  }

  /** What is met for the first time. */
  private newIn(known: Set<string>, met: Iterable<string>): string[] {
    const fresh = [...met].filter((one) => !known.has(one))
    for (const one of fresh) known.add(one)
    return fresh
  }

  private arena(key: string, scene: Scene, kernel: HuntedKernel, arch: string): Arena {
    const known = this.arenas.get(key)
    this.arenas.delete(key)
    const arena = known && known.bytes < MOST_OF_ONE ? known : new Arena(scene, kernel, arch, this.options.operations)
    let bytes = arena.bytes
    for (const other of this.arenas.values()) bytes += other.bytes
    for (const [old, { bytes: freed }] of this.arenas) {
      if (bytes <= MOST) break
      this.arenas.delete(old)
      bytes -= freed
    }
    this.arenas.set(key, arena)
    return arena
  }

  private grow(state: State, size: keyof Geometry): void {
    const now = Number(state.geometry[size] ?? SMALL[size])
    const geometry = { ...state.geometry, [size]: now + Math.max(1, now >> 1) }
    this.grown.set(state.name, { ...state, geometry })
    for (const [key, arena] of this.arenas) if (arena.state === state.name) this.arenas.delete(key)
  }
}
