import { computed, signal } from '@preact/signals'
import type { Progress } from '../../engine/search/result.js'
import { rowsOf } from '../../trace/rows.js'
import { edgesOf } from '../view/edges.js'
import { locksAt } from '../view/locks.js'
import { neededSteps, type StepPair } from '../view/needed.js'
import { changesOf, stateAt } from '../view/state-at.js'
import { sameSubject, stepsTried } from '../view/tried.js'
import type { RaceEntry, View, ViolatingRun } from '../view/view.js'
import type { Ahead, Sample } from '../worker/requests.js'

export interface Message {
  readonly kind: 'note' | 'error'
  readonly text: string
}

export type Tab = 'orders' | 'compare' | 'search' | 'runs' | 'source'

export type StateTab = 'picture' | 'changes' | 'raw'

interface Place {
  readonly view: View
  readonly at: number
}

const MAX_UNDO = 100

/** Percent of the page that the table of the run gets: for each lane, for what stands beside them, at most. */
const LANE = 15
const NUMBERS = 16
const WIDEST = 64
/** What the picture of the state gets of the rest. */
const STATE = 0.56
/** No column is narrower than this. */
const NARROWEST = 10

/** What the page shows and where it is: signals, and the changes that need no checker. */
export class Store {
  readonly view = signal<View | undefined>(undefined)
  /** Steps taken so far, of those in the run: the state shown is the one after them. */
  readonly at = signal(0)
  readonly folded = signal(true)
  readonly filter = signal('')
  readonly stateTab = signal<StateTab>('picture')
  /** The same schedule on another kernel. */
  readonly other = signal<View | undefined>(undefined)
  readonly samples = signal<readonly Sample[] | undefined>(undefined)
  readonly tab = signal<Tab>('orders')
  readonly pinned = signal<string | undefined>(undefined)
  readonly busy = signal<string | undefined>(undefined)
  readonly progress = signal<Progress | undefined>(undefined)
  readonly message = signal<Message | undefined>(undefined)
  readonly help = signal(false)
  /** The race that is chosen for the next search, while it is not the one shown. */
  readonly chosen = signal<string | undefined>(undefined)
  /** What can still go wrong after each step that can run now, once asked. */
  readonly ahead = signal<readonly Ahead[] | undefined>(undefined)
  /** Where somebody has put the edges of the columns, in percent of the page. */
  private readonly moved = signal<readonly [number, number] | undefined>(undefined)
  /** Where the edges are: the interleaving is as wide as its lanes need. */
  readonly columns = computed((): readonly [number, number] => {
    if (this.moved.value) return this.moved.value
    const left = Math.min(WIDEST, LANE * (this.view.value?.trace.lanes.length ?? 2) + NUMBERS)
    return [left, left + (100 - left) * STATE]
  })
  /** What the last search of this kernel found violated. */
  readonly violations = signal<readonly ViolatingRun[]>([])
  /** Files of the model that the page carries, by name. */
  readonly texts = signal<Readonly<Record<string, string>>>({})
  readonly past = signal<readonly Place[]>([])
  readonly future = signal<readonly Place[]>([])

  /** What the table shows: of all steps, those that have the text of the filter in them, if there is one. */
  readonly rows = computed(() => {
    const trace = this.view.value?.trace
    if (!trace) return []
    const wanted = this.filter.value.trim().toLowerCase()
    // The step that was just taken is never folded away.
    if (wanted === '') return rowsOf(trace, { all: !this.folded.value, also: this.at.value - 1 })
    return rowsOf(trace, { all: true }).filter(({ step, text, comment }) =>
      step !== undefined && `${trace.steps[step]!.calls.join(' ')} ${text} ${comment ?? ''}`.toLowerCase().includes(wanted))
  })
  readonly edges = computed(() => (this.view.value ? edgesOf(this.view.value.trace) : []))
  /** The orders that the violation depends on; else, reads of visible steps that another lane made old. */
  readonly orders = computed((): readonly StepPair[] => {
    const view = this.view.value
    if (view?.verdict?.orders) return neededSteps(view.trace, view.verdict.orders)
    const shown = new Set(this.rows.value.map(({ step }) => step))
    const pairs = this.edges.value.filter(({ kind, read, write }) => kind === 'older' && shown.has(read) && shown.has(write))
    return [...new Map(pairs.map(({ read, write }) => [`${read} ${write}`, { first: read, second: write }])).values()]
  })
  readonly state = computed(() => (this.view.value ? stateAt(this.view.value, this.at.value) : new Map<string, string>()))
  readonly locks = computed(() => (this.view.value ? locksAt(this.view.value, this.at.value) : []))
  /** The step that led to the state shown. */
  readonly step = computed(() => this.view.value?.trace.steps[this.at.value - 1])
  readonly changes = computed(() => changesOf(this.step.value))
  /** Steps that other runs, which can be had again with undo or redo, took from the state shown. */
  readonly tried = computed(() => (this.view.value
    ? stepsTried(this.view.value, this.at.value, [...this.past.value, ...this.future.value].map(({ view }) => view)) : new Set<string>()))

  /** `races` are those the checker of this page can run. */
  constructor(readonly races: readonly RaceEntry[], readonly archs: readonly string[]) {}

  /** Whether the checker of this page knows the race shown. */
  readonly runnable = computed(() => this.races.some(({ name }) => name === this.view.value?.race.name))

  /** Shows a run. What was shown can be had again with undo. */
  show(view: View, at = lastStep(view)): void {
    const before = this.view.value
    if (before) this.past.value = [...this.past.value, { view: before, at: this.at.value }].slice(-MAX_UNDO)
    this.future.value = []
    this.put({ view, at })
  }

  undo(): void {
    this.travel(this.past, this.future)
  }

  redo(): void {
    this.travel(this.future, this.past)
  }

  goTo(at: number): void {
    this.at.value = Math.max(0, Math.min(at, this.view.value?.trace.steps.length ?? 0))
    this.ahead.value = undefined
  }

  /** Moves an edge between columns; the others give way as far as they can. */
  moveEdge(edge: 0 | 1, to: number): void {
    const [left, right] = this.columns.value
    const [least, most] = edge === 0 ? [NARROWEST, right - NARROWEST] : [left + NARROWEST, 100 - NARROWEST]
    const place = Math.max(least, Math.min(to, most))
    this.moved.value = edge === 0 ? [place, right] : [left, place]
  }

  note(text: string): void {
    this.message.value = { kind: 'note', text }
  }

  error(text: string): void {
    this.message.value = { kind: 'error', text }
  }

  private travel(from: Store['past'], to: Store['past']): void {
    const place = from.value[from.value.length - 1]
    if (!place || !this.view.value) return
    from.value = from.value.slice(0, -1)
    to.value = [...to.value, { view: this.view.value, at: this.at.value }]
    this.put(place)
  }

  private put({ view, at }: Place): void {
    if (view.race.name !== this.view.value?.race.name) this.samples.value = undefined
    if (view.verdict) this.violations.value = view.verdict.violations
    else if (!this.view.value || !sameSubject(view, this.view.value)) this.violations.value = []
    this.view.value = view
    this.other.value = undefined
    this.chosen.value = undefined
    this.goTo(at)
  }
}

/** Where to begin reading: at the end of a violation, at the start of anything else. */
const lastStep = ({ trace }: View): number => (trace.violation ? trace.steps.length : 0)
