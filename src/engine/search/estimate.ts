import type { Loaded } from '../learn/loaded.js'
import { Random } from './random.js'

const MAX_STEPS = 2000

/** A walk through the states, with the number of states that it stands for. */
interface Walk {
  readonly words: Int32Array
  readonly sleep: number
  readonly weight: number
}

/**
 * The share of all states that a depth-first search has visited, estimated: random walks from the start, and how much of
 * what they come to is visited. The search goes on as if nobody had asked.
 *
 * A fair walk seldom comes to where the most states are. So walks have weights: a state with many steps out of it
 * stands for many, one with many steps into it is come to by many. The steps out are counted; those into it are
 * guessed from how many threads have moved, in a way that is right on average over the states visited. All walks go on
 * in step, and before each step the heavy ones are doubled and the light ones dropped. Undefined when `seconds` were too few.
 */
export function estimate(loaded: Loaded, persistent: boolean, walks: number, seconds = Infinity): number | undefined {
  const { core } = loaded
  const random = new Random(1)
  const end = performance.now() + seconds * 1000
  const start = loaded.startWords
  const into = intoBy(loaded, start)
  let [met, visited] = [0, 0]
  let going: Walk[] = Array.from({ length: walks }, () => ({ words: start, sleep: 0, weight: 1 }))
  core.stepAside()
  for (let steps = 0; steps < MAX_STEPS && going.length > 0; steps++) {
    if (performance.now() > end) break
    const next: Walk[] = []
    for (const { words, sleep, weight } of going) {
      loaded.words.set(words)
      core.moveAside()
      met += weight
      if (core.isVisited()) visited += weight
      const ways = waysOut(loaded, core.choices(persistent) & ~sleep)
      if (ways.length === 0 || core.unlearned.value !== 0) continue
      const { thread, leaf } = ways[random.below(ways.length)]!
      const asleep = core.follow(thread, leaf, sleep | earlier(ways, thread))
      if (core.unlearned.value === 0) next.push({ words: loaded.words.slice(), sleep: asleep, weight: (weight * ways.length) / into(loaded.words) })
    }
    going = evened(next, walks, random)
  }
  core.moveBack()
  return performance.now() > end ? undefined : visited / met
}

const SECONDS = 5
const WALKS = 40

/** An estimate every few seconds, for the progress of a search. */
export class Estimates {
  private last = performance.now() - (SECONDS - 1) * 1000
  private share: number | undefined

  constructor(private readonly loaded: Loaded, private readonly persistent: boolean) {}

  /** With `walks`: an estimate by so many, in any case, if it takes no longer than `seconds`. */
  now(walks?: number, seconds?: number): { share?: number } {
    if (walks !== undefined || performance.now() - this.last >= SECONDS * 1000) {
      this.share = estimate(this.loaded, this.persistent, walks ?? WALKS, seconds) ?? this.share
      this.last = performance.now()
    }
    return this.share === undefined ? {} : { share: this.share }
  }
}

/** How many steps lead into a state, as far as one can guess: between 1 and the number of threads that have moved. */
function intoBy({ core, program: { threads, memory: { size } } }: Loaded, start: Int32Array): (words: Int32Array) => number {
  const onAverage = Math.max(1, core.steps() / core.states())
  const power = Math.min(1, Math.log(onAverage) / Math.log(Math.max(1.1, threads.length * 0.8)))
  return (words) => Math.max(1, threads.filter((_, t) => words[size + 1 + t] !== start[size + 1 + t]).length) ** power
}

interface Way { readonly thread: number; readonly leaf: number }

function waysOut({ core, program: { threads } }: Loaded, mask: number): Way[] {
  return threads.flatMap((_, thread) => {
    if (((mask >>> thread) & 1) === 0) return []
    const local = core.localOf(thread)
    const leaves = Array.from({ length: core.alternatives(local) }, (__, alternative) => core.leafOf(local, alternative))
    return leaves.filter((leaf) => !core.isBlocked(leaf)).map((leaf) => ({ thread, leaf }))
  })
}

/** The threads that the search takes before this one. */
const earlier = (ways: readonly Way[], thread: number): number => ways.reduce((mask, way) => (way.thread < thread ? mask | (1 << way.thread) : mask), 0)

/** Walks of equal weight that stand for the same as those given. */
function evened(walks: readonly Walk[], count: number, random: Random): Walk[] {
  const total = walks.reduce((sum, { weight }) => sum + weight, 0)
  const weight = total / count
  const even: Walk[] = []
  let at = (random.below(1000) / 1000) * weight
  let passed = 0
  for (const walk of walks) {
    passed += walk.weight
    for (; at < passed; at += weight) even.push({ ...walk, weight })
  }
  return even
}
