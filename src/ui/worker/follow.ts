import type { Loaded } from '../../engine/learn/loaded.js'
import { describeStep } from '../../engine/model/describe.js'
import type { Choice } from '../../engine/search/result.js'
import type { NamedStep } from './requests.js'

/** A run that is longer is cut: it may have no end. */
const MAX_STEPS = 5_000

/** Walks a program by names. Leaves the core where the walk ended; `schedule` is what was taken. */
export class Follower {
  readonly schedule: Choice[] = []
  /** The run has ended in a violation. */
  private over = false

  constructor(private readonly loaded: Loaded) {
    loaded.restart()
  }

  /** Takes steps that must fit. Returns where and why they did not. */
  strictly(steps: readonly NamedStep[]): { step: number; why: string } | undefined {
    for (const [i, named] of steps.entries()) {
      const why = this.misfit(named) ?? this.take(this.threadOf(named.lane), named.alternative ?? 0)
      if (why !== undefined) return { step: i + 1, why }
    }
    return undefined
  }

  /** Takes of these steps those that can be taken, whatever they are called here. */
  loosely(steps: readonly NamedStep[]): void {
    for (const { lane, alternative = 0 } of steps) {
      const thread = this.threadOf(lane)
      if (thread >= 0 && this.take(thread, alternative) !== undefined && alternative > 0) this.take(thread, 0)
    }
  }

  /** Runs one lane until it has to wait. */
  alone(lane: string): void {
    while (this.takeAny(this.threadOf(lane)));
  }

  /** Runs each lane for as long as it can, until none can. */
  toEnd(): void {
    const { threads } = this.loaded.program
    for (let moved = true; moved;) {
      moved = false
      for (let t = 0; t < threads.length; t++) while (this.takeAny(t)) moved = true
    }
  }

  /** Takes the first alternative that can run, if the run is not too long. Returns whether one could. */
  private takeAny(thread: number): boolean {
    const { core } = this.loaded
    if (thread < 0 || this.schedule.length >= MAX_STEPS) return false
    const alternatives = core.alternatives(core.localOf(thread))
    for (let a = 0; a < alternatives; a++) if (this.take(thread, a) === undefined) return true
    return false
  }

  private threadOf(lane: string): number {
    return this.loaded.program.threads.findIndex((thread) => thread.name === lane)
  }

  private misfit({ lane, step }: NamedStep): string | undefined {
    const { core, automaton, program } = this.loaded
    const thread = this.threadOf(lane)
    if (thread < 0) return `there is no lane ${lane}`
    const pending = automaton.states[core.localOf(thread)]!.step
    if (!pending) return `${lane} has ended`
    const label = describeStep(pending, program.memory)
    return step === undefined || label === step ? undefined : `the next step of ${lane} is "${label}", not "${step}"`
  }

  /** Takes a step. Returns why it cannot be taken. */
  take(thread: number, alternative: number): string | undefined {
    const { core } = this.loaded
    const local = core.localOf(thread)
    if (this.over) return 'the run ended with a violation'
    if (alternative >= core.alternatives(local)) return 'there is no such step'
    const id = core.leafOf(local, alternative)
    const leaf = this.loaded.leaf(id)
    if (leaf.blocked !== undefined) return leaf.blocked
    this.over = leaf.violation !== undefined
    core.advance(thread, id)
    this.schedule.push({ thread, alternative })
    return undefined
  }
}
