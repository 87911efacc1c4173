import type { Strategy } from '../../engine/search/explore.js'
import type { Conditions } from '../../race/boot.js'
import { divergence } from '../view/divergence.js'
import { type Link, linkFrom, linkTo } from '../view/link.js'
import { namedSteps, swapped } from '../view/named.js'
import type { NamedStep, RunReply } from '../worker/requests.js'
import { type Client, RequestError } from './client.js'
import type { Store } from './store.js'

/** What needs the checker. Every action ends with something shown: its result, or why there is none. */
export class Actions {
  constructor(private readonly store: Store, private readonly client: Client) {}

  search(race: string, conditions: Conditions, strategy?: Strategy): Promise<void> {
    return this.busy('searching', async () => {
      const request = { kind: 'search', race, conditions, ...(strategy && { strategy }) } as const
      this.store.show(await this.client.ask(request, (progress) => (this.store.progress.value = progress)))
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
    return this.busy('looking for runs', async () => {
      this.store.samples.value = await this.client.ask({ kind: 'samples', ...this.subject() })
    })
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
