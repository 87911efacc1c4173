import { Event } from '../engine/core/core.js'
import { InternalError } from '../engine/errors.js'
import type { Loaded } from '../engine/learn/loaded.js'
import { deadlock } from '../engine/search/deadlock.js'
import { Pace } from '../engine/search/pace.js'
import { path, placed } from '../engine/search/path.js'
import type { Control } from './control.js'
import type { FromWorker, Job, Report, Start } from './messages.js'

// At most, so that a worker that has nothing to do is seen soon.
const SLICE = 4_000

/** One worker's share of a depth-first search: jobs, one after the other, over a set of visited states for all. */
export class Part {
  constructor(
    private readonly loaded: Loaded,
    private readonly control: Control,
    private readonly start: Start,
    private readonly post: (message: FromWorker) => void,
  ) {}

  /** States that all workers together may still visit. */
  private states = Infinity

  /** `resumed`: others have visited states before. */
  begin(states: number, resumed: boolean): void {
    this.states = states
    const { core, finalLocal, footprints } = this.loaded
    const { depth, bytes, reductions: { persistent, sleep, symmetry } } = this.start
    footprints.stale = false
    core.searchReset(persistent, sleep, symmetry, false, Math.min(depth, 2 ** 30), 2 ** 50, bytes, finalLocal)
    footprints.goOn(resumed)
  }

  /** Searches a job to its end, or until told to stop. */
  run(job: Job): void {
    const { loaded, control } = this
    const { core } = loaded
    loaded.restart()
    loaded.guarded(() => {
      for (const { place, alternative } of job.before) core.advanceInOrder(place, core.leafOf(core.localOf(place), alternative))
      if (job.threads) core.beginWith(job.threads.only, job.threads.sleep, job.before.length)
      else control.using(() => core.begin())
    })
    const pace = new Pace()
    for (;;) {
      const event = control.using(() => loaded.guarded(() => core.search(Math.min(SLICE, pace.steps))))
      pace.taken()
      control.tell(this.start.index, core.states(), core.steps(), core.maxDepth.value)
      if (control.told.states >= this.states) control.stop()
      if (this.start.reductions.persistent && loaded.footprints.stale) return this.post({ type: 'stale' })
      if (event === Event.done) return
      this.answer(event, job)
      // Only then is all that is left in open states.
      if (control.stopped && (event === Event.budget || event === Event.memory)) return this.leave(job)
      if (control.hungry) this.give(job)
    }
  }

  /** Hands back what is left of a job. */
  private leave({ before }: Job): void {
    const { core } = this.loaded
    const open = [...Array(core.openCount.value).keys()].filter((i) => core.openWaits(i))
    this.post({ type: 'left', jobs: open.map((i) => jobOf(this.loaded, i, before)) })
  }

  private answer(event: number, { before }: Job): void {
    const { loaded, post } = this
    const { core } = loaded
    switch (event) {
      case Event.budget:
        return
      case Event.growth:
        return this.control.growing(() => core.grow())
      case Event.violation:
      case Event.finalViolation: {
        const { schedule } = path(loaded, event === Event.violation, before)
        return post({ type: 'found', found: { violation: loaded.leaf(core.eventLeaf.value).violation!, schedule } })
      }
      case Event.deadlock: {
        const { schedule, order } = path(loaded, false, before)
        return post({ type: 'found', found: { violation: deadlock(loaded, order), schedule } })
      }
      case Event.memory:
        return post({ type: 'bytes' })
      default:
        throw new InternalError(`the core returned event ${event}`)
    }
  }

  /** Gives away the earliest state that is still to be entered, the largest part there is, and keeps another. */
  private give(job: Job): void {
    const { core } = this.loaded
    if (!this.control.feed()) return
    const given = core.giveAway()
    if (given < 0) return this.control.hunger()
    this.post({ type: 'job', job: jobOf(this.loaded, given, job.before) })
  }

  report(tell: boolean): Report {
    const { automaton, core, footprints, locks, reached, program } = this.loaded
    return {
      states: core.states(),
      transitions: core.steps(),
      ends: core.finalCount(),
      depth: core.maxDepth.value,
      truncated: core.truncated.value !== 0,
      localStates: automaton.states.length,
      bytes: this.loaded.bytes,
      reached: reached.filter((_, bit) => (core.marks.value >>> bit) & 1),
      orders: locks.seen,
      knowledge: footprints.knowledge(automaton.states.map((state) => state.key)),
      ...(program.cameBy && { cameBy: program.cameBy(automaton.called) }),
      ...(tell && { told: this.loaded.told }),
    }
  }
}

/** What follows from an open state, as a job. */
export const jobOf = (loaded: Loaded, state: number, before: Job['before'] = []): Job =>
  ({ before: [...before, ...placed(loaded, state)], threads: { only: loaded.core.openOnly(state), sleep: loaded.core.openSleep(state) } })
