import { Random } from '../engine/search/random.js'
import { arenaOf } from './arena.js'
import { fits, scenesOf } from './compose.js'
import type { Operation } from './operation.js'
import { nameOf, type Scene } from './scene.js'
import type { SceneResult } from './scene-result.js'
import type { State } from './state.js'

export const LEVELS = ['alone', 'pairs', 'pairs and a store', 'triples', 'four lanes'] as const

export interface PlanOptions {
  readonly archs: readonly string[]
  readonly states: readonly State[]
  readonly operations: readonly Operation[]
  /** Most lanes; a lane that only stores is not counted. 1 … 4. */
  readonly lanes: number
  readonly seed: number
}

export interface Job {
  readonly arch: string
  readonly scene: Scene
}

/** Scenes that share what is learned, the most promising first. */
interface Queue {
  readonly arch: string
  readonly key: string
  readonly scenes: Scene[]
  /** What was covered for the first time per second, at the last look. */
  gain: number
}

/** Scenes of one turn: few enough to look around often, enough to use what was learned. */
const TURN = 12
/** Levels with more scenes than anybody will see are sampled. */
const SAMPLE = 400

/** Which scenes come when: small ones first, and where the last ones covered something new. */
export class Plan {
  private level = -1
  private queues: Queue[] = []
  /** By level: how many scenes there are, and were checked. */
  readonly total: number[] = []
  readonly checked: number[] = []
  /** Operations that come by what the kernels differ in; known when they have run alone. */
  private readonly relevant = new Set<string>()
  private readonly random: Random
  private readonly finished = new Set<string>()

  /** `finished`: keys of scenes not to be checked again. */
  constructor(private readonly options: PlanOptions, finished: Iterable<string> = []) {
    this.random = new Random(options.seed)
    for (const key of finished) this.finished.add(key)
  }

  /** The next scenes, all of which share what is learned; none when everything is done. */
  next(): readonly Job[] {
    for (;;) {
      const queue = this.best()
      if (queue) {
        const scenes = queue.scenes.splice(0, TURN)
        return scenes.map((scene) => ({ arch: queue.arch, scene }))
      }
      if (this.level + 1 >= (this.options.lanes > 1 ? this.options.lanes + 1 : 1)) return []
      this.fill(++this.level)
    }
  }

  /** What came of a scene. */
  done({ scene, arch }: Job, { took, covered, asks }: SceneResult): void {
    const queue = this.queues.find((one) => one.arch === arch && one.key === arenaOf(scene))
    if (queue) queue.gain = queue.gain === Infinity ? covered.length / took : 0.7 * queue.gain + (0.3 * covered.length) / took
    this.checked[this.level]!++
    if (!asks) return
    const known = scene.operations.some((operation) => this.relevant.has(this.ask(arch, scene.state, operation)))
    if (!known) for (const operation of scene.operations) this.relevant.add(this.ask(arch, scene.state, operation))
  }

  get levelName(): string {
    return LEVELS[Math.max(0, this.level)]!
  }

  private ask(arch: string, { name }: State, operation: Operation): string {
    return `${arch} ${name} ${operation.name}`
  }

  private best(): Queue | undefined {
    let best: Queue | undefined
    let most = -1
    for (const queue of this.queues) {
      const [first] = queue.scenes
      if (!first) continue
      const worth = this.weight(queue.arch, first) * 1e9 + Math.min(queue.gain, 1e6)
      if (worth > most) [best, most] = [queue, worth]
    }
    return best
  }

  private weight(arch: string, { state, operations }: Scene): number {
    return operations.some((operation) => this.relevant.has(this.ask(arch, state, operation))) ? 1 : 0
  }

  private fill(level: number): void {
    this.queues = []
    for (const arch of this.options.archs) {
      for (const state of this.options.states) {
        const byKey = new Map<string, Scene[]>()
        for (const scene of this.scenes(state, level)) {
          if (this.finished.has(sceneKey(arch, scene))) continue
          const key = arenaOf(scene)
          byKey.set(key, [...(byKey.get(key) ?? []), scene])
        }
        for (const [key, scenes] of byKey) {
          this.queues.push({ arch, key, gain: Infinity, scenes: scenes.toSorted((a, b) => this.weight(arch, b) - this.weight(arch, a)) })
        }
      }
    }
    shuffle(this.queues, this.random)
    this.total[level] = this.queues.reduce((sum, { scenes }) => sum + scenes.length, 0)
    this.checked[level] = 0
  }

  private scenes(state: State, level: number): Iterable<Scene> {
    const { operations } = this.options
    if (level < 2) return scenesOf(state, operations, level + 1)
    if (level === 2) return this.withStore(state)
    return this.sample(state, level)
  }

  /** Pairs that do not touch memory through the TLB, and a CPU that stores. */
  private *withStore(state: State): Generator<Scene> {
    const store = this.options.operations.find(({ name }) => name === 'write')
    if (!store || !fits(store, state)) return
    for (const { operations } of scenesOf(state, this.options.operations.filter(({ user }) => !user), 2)) {
      yield { state, operations: withLane(operations, store) }
    }
  }

  /** Some scenes of so many lanes, each at most once. */
  private *sample(state: State, level: number): Generator<Scene> {
    const fitting = this.options.operations.filter((operation) => fits(operation, state))
    const seen = new Set<string>()
    for (let i = 0; i < SAMPLE * 4 && seen.size < SAMPLE && fitting.length > 0; i++) {
      const some = Array.from({ length: level }, () => fitting[this.random.below(fitting.length)]!)
      const operations = this.options.operations.filter((operation) => some.includes(operation))
      const scene = [...scenesOf(state, operations, level)].find(({ operations: lanes }) => operations.every((one) => lanes.includes(one)))
      if (!scene || seen.has(nameOf(scene))) continue
      seen.add(nameOf(scene))
      yield scene
    }
  }
}

/** Threads of the process come first. */
const withLane = (operations: readonly Operation[], one: Operation): Operation[] => {
  const others = operations.filter(({ by }) => by === 'mm')
  return [...others, one, ...operations.slice(others.length)]
}

export const sceneKey = (arch: string, scene: Scene): string => `${arch} ${nameOf(scene)}`

function shuffle(list: unknown[], random: Random): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    ;[list[i], list[j]] = [list[j], list[i]]
  }
}
