import { Random } from '../engine/search/random.js'
import { arenaOf } from './arena.js'
import { fits, scenesOf } from './compose.js'
import { Difference } from './difference.js'
import type { HuntedKernel } from './hunted-kernel.js'
import type { Operation } from './operation.js'
import { nameOf, type Scene } from './scene.js'
import type { SceneResult } from './scene-result.js'
import { isThere, type State } from './state.js'
import type { Surveys } from './survey.js'

export const LEVELS = ['alone', 'pairs', 'pairs and a store', 'triples', 'four lanes'] as const

export interface PlanOptions {
  readonly archs: readonly string[]
  readonly states: readonly State[]
  readonly operations: readonly Operation[]
  /** Most lanes; a lane that only stores is not counted. 1 … 4. */
  readonly lanes: number
  readonly seed: number
  readonly kernel: HuntedKernel
  readonly against?: HuntedKernel
  readonly surveys?: Surveys
}

export interface Job {
  readonly arch: string
  readonly scene: Scene
  readonly level: number
  /** Scenes with the same share what is learned. */
  readonly key: string
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
  /** Where kernels are compared: whether the scenes are those that came by nothing they differ in, and so come last. */
  private rest = false
  private queues: Queue[] = []
  /** By level: how many scenes there are, and were checked. */
  readonly total: number[] = []
  readonly checked: number[] = []
  private readonly difference: Difference
  private readonly random: Random
  private readonly finished = new Set<string>()
  /** By operation: how much was covered for the first time in scenes that it was in. */
  private readonly gains = new Map<string, number>()
  /** By architecture: how often scenes of it were handed out. */
  private readonly turns = new Map<string, number>()

  /** `known`: scenes that were checked before, and are not again. */
  constructor(private readonly options: PlanOptions, known: readonly SceneResult[] = []) {
    this.random = new Random(options.seed)
    this.difference = new Difference(options)
    for (const result of known) {
      this.finished.add(resultKey(result))
      this.note(result)
    }
  }

  /** The next scenes, all of which share what is learned; none when everything is done. Rather none of what others are `busy` with. */
  next(busy: ReadonlySet<string> = NOBODY): readonly Job[] {
    for (;;) {
      const queue = this.best(busy) ?? this.best(NOBODY)
      if (queue) {
        const { arch } = queue
        this.turns.set(arch, (this.turns.get(arch) ?? 0) + 1)
        return queue.scenes.splice(0, TURN).map((scene) => ({ arch, scene, level: this.level, key: keyOf(queue) }))
      }
      if (this.level + 1 < this.levels) this.fill(++this.level)
      else if (!this.difference.any || this.rest) return []
      else [this.rest, this.level] = [true, -1]
    }
  }

  private get levels(): number {
    return this.options.lanes > 1 ? this.options.lanes + 1 : 1
  }

  /** What came of a scene. */
  done({ key, level }: Job, result: SceneResult): void {
    this.note(result)
    const { took, covered } = result
    const queue = this.queues.find((one) => keyOf(one) === key)
    if (queue) queue.gain = queue.gain === Infinity ? covered.length / took : 0.7 * queue.gain + (0.3 * covered.length) / took
    this.checked[level]!++
  }

  private note({ operations, covered }: SceneResult): void {
    for (const name of new Set(operations)) this.gains.set(name, (this.gains.get(name) ?? 0) + covered.length)
  }

  get levelName(): string {
    return LEVELS[Math.max(0, this.level)]!
  }

  private best(busy: ReadonlySet<string>): Queue | undefined {
    let best: Queue | undefined
    let most = -Infinity
    for (const queue of this.queues) {
      if (queue.scenes.length === 0 || busy.has(keyOf(queue))) continue
      const worth = Math.min(queue.gain, 1e6) - this.spentOn(queue.arch) * 1e7
      if (worth > most) [best, most] = [queue, worth]
    }
    return best
  }

  /**
   * A difference between kernels seldom needs one architecture, and if so not the last that was named: the second has half as many turns as the
   * first, the third a third.
   */
  private spentOn(arch: string): number {
    return this.difference.any ? (this.turns.get(arch) ?? 0) * (1 + this.options.archs.indexOf(arch)) : 0
  }

  /** What comes last where kernels are compared. What an operation shows alone it shows beside another as well. */
  private isRest(scene: Scene, level: number): boolean {
    return (level === 0 && this.options.lanes > 1) || this.difference.weight(scene) === 0
  }

  private fill(level: number): void {
    this.queues = []
    let before = 0
    const { archs, states, kernel } = this.options
    for (const state of states) {
      const there = archs.filter((arch) => isThere(state, arch, kernel.kernel))
      if (there.length === 0) continue
      for (const [key, scenes] of this.sorted(state, level)) {
        for (const arch of there) {
          const left = scenes.filter((scene) => this.finished.size === 0 || !this.finished.has(sceneKey(arch, scene)))
          before += scenes.length - left.length
          if (left.length > 0) this.queues.push({ arch, key, gain: Infinity, scenes: left })
        }
      }
    }
    shuffle(this.queues, this.random)
    this.total[level] = (this.total[level] ?? 0) + before + this.queues.reduce((sum, { scenes }) => sum + scenes.length, 0)
    this.checked[level] = (this.checked[level] ?? 0) + before
  }

  /** By what they share. Of those that come by a difference, one in which all lanes do in turn with one in which only some do. */
  private sorted(state: State, level: number): Map<string, Scene[]> {
    const byKey = new Map<string, Scene[]>()
    for (const scene of this.scenes(state, level)) {
      if (this.difference.any && this.isRest(scene, level) !== this.rest) continue
      const list = byKey.get(arenaOf(scene))
      if (list) list.push(scene)
      else byKey.set(arenaOf(scene), [scene])
    }
    const relevant = this.difference.relevantIn(state).size > 0
    for (const [key, list] of relevant ? byKey : []) {
      shuffle(list, this.random)
      const isAll = (scene: Scene): boolean => this.difference.weight(scene) === scene.operations.length
      byKey.set(key, inTurn(list.filter(isAll), list.filter((scene) => !isAll(scene))))
    }
    return byKey
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

  /** Draws operations: the more often the more was covered with them. */
  private drawing(operations: readonly Operation[]): () => Operation {
    let total = 0
    const up = operations.map(({ name }) => (total += 1 + (this.gains.get(name) ?? 0)))
    return () => {
      const at = this.random.below(total)
      return operations[up.findIndex((to) => at < to)]!
    }
  }

  /** Some scenes of so many lanes, each at most once: rather of operations with which something new was covered. */
  private *sample(state: State, level: number): Generator<Scene> {
    const fitting = this.options.operations.filter((operation) => fits(operation, state))
    const seen = new Set<string>()
    const draw = this.drawing(fitting)
    for (let i = 0; i < SAMPLE * 4 && seen.size < SAMPLE && fitting.length > 0; i++) {
      const some = Array.from({ length: level }, draw)
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

const NOBODY: ReadonlySet<string> = new Set()

const keyOf = ({ arch, key }: Queue): string => `${arch} ${key}`

const sceneKey = (arch: string, scene: Scene): string => `${arch} ${nameOf(scene)}`

/** The same of a scene that was checked. */
const resultKey = ({ arch, state, operations }: SceneResult): string => `${arch} ${state}: ${operations.join(' | ')}`

/** The states that there are on some of the architectures. */
export const statesOf = ({ states, archs, kernel: { kernel } }: PlanOptions): readonly State[] =>
  states.filter((state) => archs.some((arch) => isThere(state, arch, kernel)))

const inTurn = <T>(a: readonly T[], b: readonly T[]): T[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [...a.slice(i, i + 1), ...b.slice(i, i + 1)]).flat()

function shuffle(list: unknown[], random: Random): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    ;[list[i], list[j]] = [list[j], list[i]]
  }
}
