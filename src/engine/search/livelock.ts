import type { Loaded } from '../learn/loaded.js'
import type { Deadline } from './bounds.js'
import { Frontier } from './frontier.js'
import { PathTree } from './path-tree.js'
import type { Bound, Choice, Found, Progress } from './result.js'
import { readySteps } from './scout.js'
import { StateIndex } from './state-index.js'

/** The name under which a run that can never end is reported. */
export const LIVELOCK = 'livelock'

const SLICE = 20_000

/**
 * Looks for a state from which no run ends, whatever the scheduler does: an endless loop without a way out. (A loop
 * that another thread can end is waiting, not a fault.) Remembers all transitions. Persistent sets leave out no end
 * that can be reached from a state, and by the cycle proviso a run into such a state is only put off.
 */
export function* livelock(
  loaded: Loaded, { persistent }: { persistent: boolean }, bounds: { states: number; bytes: number }, deadline: Deadline,
): Generator<Progress, Found | Bound | undefined> {
  const { footprints } = loaded
  for (;;) {
    footprints.stale = false
    const result = yield* search(loaded, persistent, bounds, deadline)
    const again = persistent && (footprints.markCycles() || footprints.stale)
    if (!again || (result && 'bound' in result)) return result
  }
}

function* search(
  loaded: Loaded, persistent: boolean, bounds: { states: number; bytes: number }, deadline: Deadline,
): Generator<Progress, Found | Bound | undefined> {
  const graph = new StateGraph(loaded, persistent)
  for (let expanded = 1; loaded.guarded(() => graph.expand()); expanded++) {
    if (graph.states > bounds.states) return { bound: 'states', limit: bounds.states }
    if (expanded % SLICE !== 0) continue
    const stopped = deadline.passed()
    if (stopped) return stopped
    const progress = graph.progress()
    if (progress.bytes > bounds.bytes) return { bound: 'bytes', limit: bounds.bytes }
    yield progress
  }
  const trapped = graph.trapped()
  return trapped === undefined ? undefined : loaded.guarded(() => lasso(loaded, graph.tree.path(trapped)))
}

/** From a state that nothing leads out of: goes round the threads until a state comes again. */
function lasso(loaded: Loaded, stem: readonly Choice[]): Found {
  const { core } = loaded
  const schedule = [...stem]
  loaded.restart()
  for (const { thread, alternative } of stem) core.advance(thread, core.leafOf(core.localOf(thread), alternative))
  const seen = new Map<string, number>()
  let last = -1
  for (;;) {
    const state = `${last} ${loaded.words.join()}`
    const before = seen.get(state)
    if (before !== undefined) {
      const loop = schedule.length - before
      const names = [...new Set(schedule.slice(before).map((c) => loaded.program.threads[c.thread]!.name))]
      return { violation: { oracle: LIVELOCK, message: `${names.join(' and ')} never ${names.length === 1 ? 'comes' : 'come'} to an end` }, schedule, loop }
    }
    seen.set(state, schedule.length)
    const ready = readySteps(loaded)
    const next = ready.find((r) => r.thread > last) ?? ready[0]!
    core.advance(next.thread, next.leaf)
    schedule.push({ thread: next.thread, alternative: next.alternative })
    last = next.thread
  }
}

/** All states and transitions of a program, built breadth first. */
class StateGraph {
  readonly tree = new PathTree()
  private readonly index = new StateIndex()
  private readonly frontier: Frontier
  private from: number[] = []
  private to: number[] = []
  private readonly ends: number[] = []

  constructor(private readonly loaded: Loaded, private readonly persistent: boolean) {
    loaded.restart()
    this.frontier = new Frontier(loaded.words.length)
    this.enter(-1, { thread: 0, alternative: 0 })
  }

  get states(): number {
    return this.tree.count
  }

  progress(): Progress {
    const bytes = this.tree.bytes + this.frontier.bytes + this.index.bytes + this.from.length * 16
    return { depth: 0, states: this.states, transitions: this.from.length, bytes, queue: this.frontier.length }
  }

  /** The number of the current state; a new one is put in line to be expanded. */
  private enter(parent: number, choice: Choice): number {
    const { core } = this.loaded
    const known = this.index.get(core.fingerprintHigh(), core.fingerprintLow())
    if (known >= 0) return known
    const node = this.tree.add(parent, choice)
    this.index.set(core.fingerprintHigh(), core.fingerprintLow(), node)
    this.frontier.push(this.loaded.words, node, 0)
    return node
  }

  expand(): boolean {
    const { loaded } = this
    const state = this.frontier.shift()
    if (!state) return false
    const words = state.words.slice()
    loaded.jump(words)
    const enough = loaded.core.choices(this.persistent)
    if (enough === 0) this.ends.push(state.node)
    for (const { thread, alternative, leaf } of readySteps(loaded)) {
      if (((enough >>> thread) & 1) === 0) continue
      loaded.jump(words)
      loaded.core.advance(thread, leaf)
      this.from.push(state.node)
      this.to.push(this.enter(state.node, { thread, alternative }))
    }
    return true
  }

  /** The first state found from which no end can be reached. */
  trapped(): number | undefined {
    const into: number[][] = Array.from({ length: this.states }, () => [])
    this.to.forEach((node, i) => into[node]!.push(this.from[i]!))
    const free = new Uint8Array(this.states)
    const todo = [...this.ends]
    for (const end of todo) free[end] = 1
    for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
      for (const before of into[node]!) {
        if (free[before]) continue
        free[before] = 1
        todo.push(before)
      }
    }
    const first = free.indexOf(0)
    return first < 0 ? undefined : first
  }
}
