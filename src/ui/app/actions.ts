import type { Strategy } from '../../engine/search/explore.js'
import type { Conditions } from '../../race/boot.js'
import { divergence } from '../view/divergence.js'
import { type Link, linkFrom, linkTo } from '../view/link.js'
import { moved, namedSteps, swapped } from '../view/named.js'
import type { View, ViolatingRun } from '../view/view.js'
import type { NamedStep, RunReply } from '../worker/requests.js'
import { type Client, RequestError } from './client.js'
import type { Store } from './store.js'

/** What needs the checker. Every action ends with something shown: its result, or why there is none. */
export class Actions {
  /** Asks for what may take long: how far it is is shown. */
  private readonly ask: Client['ask'] = (request) => this.client.ask(request, (progress) => (this.store.progress.value = progress))

  constructor(private readonly store: Store, private readonly client: Client) {}

  search(race: string, conditions: Conditions, strategy?: Strategy): Promise<void> {
    return this.busy('searching', async () => {
      const request = { kind: 'search', race, conditions, ...(strategy && { strategy }) } as const
      const view = await this.ask(request)
      this.store.show(view)
      // Nothing went wrong: then what came about is the answer.
      if (view.verdict?.word === 'HOLDS') await this.showSamples()
    })
  }

  stop(): void {
    this.client.stop()
  }

  /** From the state shown, the next step of a lane. */
  branch(lane: number, alternative: number): Promise<void> {
    const { view, at } = this.here()
    const prefix = namedSteps(view.trace).slice(0, at)
    return this.run([...prefix, { lane: view.trace.lanes[lane]!, alternative }], {}, at + 1)
  }

  /** From the state shown, all lanes to their ends. */
  toEnd(): Promise<void> {
    const { view, at } = this.here()
    return this.run(namedSteps(view.trace).slice(0, at), { toEnd: true }, undefined)
  }

  /** From the state shown, one lane until it has to wait. */
  runLane(lane: string): Promise<void> {
    const { view, at } = this.here()
    return this.run(namedSteps(view.trace).slice(0, at), { alone: lane }, undefined)
  }

  /** The same run, but with one step held back until another is done; then to the end. */
  tryOrder(first: number, second: number): Promise<void> {
    const { view } = this.here()
    const { fits, rest } = swapped(view.trace, first, second)
    return this.busy('trying', async () => {
      const reply = await this.client.ask({ kind: 'run', ...this.subject(), schedule: fits, rest, toEnd: true })
      this.store.show(reply.view, fits.length)
      const { violation } = reply.view.trace
      this.store.note(violation ? `swapped: still violated (${violation.oracle})` : 'swapped: this run violates nothing')
    })
  }

  /** Holds the step shown back until the step below, of another lane, is done. */
  trySwap(): Promise<void> {
    const { view, at } = this.here()
    const first = at - 1
    const second = view.trace.steps.findIndex((step, i) => i > first && step.lane !== view.trace.steps[first]?.lane)
    if (first < 0 || second < 0) {
      this.store.note('there is no step of another lane below')
      return Promise.resolve()
    }
    return this.tryOrder(first, second)
  }

  /** The same run with one step at another place; says why it cannot be there. */
  move(from: number, to: number): Promise<void> {
    const { view } = this.here()
    const { fits, rest } = moved(view.trace, from, to)
    return this.busy('trying', async () => {
      const reply = await this.client.ask({ kind: 'run', ...this.subject(), schedule: fits, rest, toEnd: true })
      if (reply.misfit) return this.store.error(`step ${from + 1} cannot stand there: ${reply.misfit.why}`)
      this.store.show(reply.view, to + 1)
      const { violation } = reply.view.trace
      this.store.note(violation ? `moved: violated (${violation.oracle})` : 'moved: this run violates nothing')
    })
  }

  /** Moves the step shown past its neighbour in the table. */
  moveBy(by: 1 | -1): Promise<void> {
    const from = this.here().at - 1
    const shown = this.store.rows.value.flatMap(({ step }) => (step === undefined ? [] : [step]))
    const to = by > 0 ? shown.find((step) => step > from) : shown.findLast((step) => step < from)
    return from < 0 || to === undefined ? Promise.resolve() : this.move(from, to)
  }

  /** The run with the fewest preemptions that violates what this one violates. */
  minimise(): Promise<void> {
    const { view } = this.here()
    const oracle = view.trace.violation?.oracle
    if (oracle === undefined || view.trace.loop !== undefined) {
      this.store.note(oracle === undefined ? 'this run violates nothing: there is nothing to minimise' : 'a loop is as short as it gets')
      return Promise.resolve()
    }
    return this.busy('minimising', async () => {
      const { view: least } = await this.ask({ kind: 'minimise', ...this.subject(), oracle })
      if (!least) return this.store.note('nothing simpler was found in the time there is')
      if (least.trace.steps.length >= view.trace.steps.length && switches(least) >= switches(view)) return this.store.note('there is no simpler run')
      this.store.show(least)
      this.store.note(`a simpler run: ${least.trace.steps.length} steps, ${switches(least)} switches`)
    })
  }

  /** A run to a state in which a condition holds. */
  where(condition: string): Promise<void> {
    return this.busy('looking', async () => {
      const { view, certain } = await this.ask({ kind: 'where', ...this.subject(), condition })
      if (view) this.store.show(view, view.trace.steps.length)
      this.store.note(view ? `a run where ${condition}` : certain ? `in no run: ${condition}` : `not found in the time there is: ${condition}`)
    })
  }

  /** Looks what can still go wrong after each step that can run now. */
  lookAhead(): Promise<void> {
    const { view, at } = this.here()
    return this.busy('looking ahead', async () => {
      const schedule = namedSteps(view.trace).slice(0, at)
      const found = await this.ask({ kind: 'ahead', ...this.subject(), schedule })
      if (this.store.view.value === view && this.store.at.value === at) this.store.ahead.value = found
    })
  }

  /** The next or previous of the violations that the search found. */
  violation(by: 1 | -1): Promise<void> {
    const { violations } = this.store
    const all = violations.value
    if (all.length === 0) {
      this.store.note('no search of this kernel has found a violation')
      return Promise.resolve()
    }
    const shown = all.findIndex(({ oracle }) => oracle === this.here().view.trace.violation?.oracle)
    const next = all[(Math.max(shown, by > 0 ? -1 : 0) + by + all.length) % all.length]!
    return this.showViolation(next)
  }

  showViolation({ schedule }: ViolatingRun): Promise<void> {
    return this.run(schedule, {}, undefined)
  }

  /** The same schedule on another kernel, beside the one shown. */
  compare(conditions: Conditions): Promise<void> {
    const { view } = this.here()
    if (view.trace.steps.length === 0) {
      this.store.note('there is no run to compare: take some steps, or choose a passing run')
      return Promise.resolve()
    }
    return this.busy('comparing', async () => {
      const { view: other } = await this.client.ask({
        kind: 'run', race: view.race.name, conditions, schedule: [], rest: namedSteps(view.trace), toEnd: true,
      })
      this.store.other.value = other
      this.store.tab.value = 'compare'
      const first = divergence(view.trace, other.trace)
      this.store.note(first === undefined ? 'both runs are the same' : `the runs part at step ${first + 1}`)
    })
  }

  findSamples(): Promise<void> {
    return this.busy('looking for runs', () => this.showSamples())
  }

  private async showSamples(): Promise<void> {
    this.store.samples.value = await this.ask({ kind: 'samples', ...this.subject() })
    this.store.tab.value = 'runs'
  }

  /** A file that `mmrace check --trace` wrote. */
  openTrace(text: string, name: string): Promise<void> {
    return this.busy('opening', async () => {
      const { recordedWith, ...reply } = await this.client.ask({ kind: 'open', text, name })
      this.showRecorded(reply, recordedWith, reply.view.trace.steps.length)
    })
  }

  openLink(fragment: string): Promise<void> {
    return this.busy('opening', async () => {
      const link = await linkFrom(fragment)
      if (link) await this.showLink(link)
    })
  }

  /** Puts the run shown into the address bar, where the page may. */
  async keepInUrl(): Promise<string> {
    const { view, at } = this.here()
    const fragment = `#${await linkTo(view, at)}`
    history.replaceState(undefined, '', fragment)
    return fragment
  }

  private async showLink({ race, conditions, model, schedule, at }: Link): Promise<void> {
    this.showRecorded(await this.client.ask({ kind: 'run', race, conditions, schedule }), model, at)
  }

  private showRecorded({ view, misfit }: RunReply, model: string, at: number): void {
    this.store.show(view, at)
    if (misfit) this.store.error(`the model changed since this run was recorded: step ${misfit.step} no longer fits, ${misfit.why}`)
    else if (view.model !== model) this.store.note('the model has changed since this run was recorded; its steps still fit')
  }

  private run(schedule: readonly NamedStep[], options: { toEnd?: boolean; alone?: string }, at: number | undefined): Promise<void> {
    return this.busy('running', async () => {
      const { view, misfit }: RunReply = await this.client.ask({ kind: 'run', ...this.subject(), schedule, ...options })
      this.store.show(view, at ?? schedule.length)
      if (misfit) this.store.error(`step ${misfit.step}: ${misfit.why}`)
    })
  }

  private here() {
    const view = this.store.view.value
    if (!view) throw new Error('nothing is shown yet')
    return { view, at: this.store.at.value }
  }

  private subject() {
    const { race, conditions } = this.here().view
    return { race: race.name, conditions }
  }

  private async busy(what: string, run: () => Promise<void>): Promise<void> {
    this.store.busy.value = what
    this.store.message.value = undefined
    try {
      await run()
    } catch (error) {
      const hint = error instanceof RequestError ? `; ${String(error.hint)}` : ''
      this.store.error(`${error instanceof Error ? error.message : String(error)}${hint}`)
    } finally {
      this.store.busy.value = undefined
      this.store.progress.value = undefined
    }
  }
}

const switches = ({ trace: { steps } }: View): number => steps.filter(({ lane }, i) => i > 0 && lane !== steps[i - 1]!.lane).length
