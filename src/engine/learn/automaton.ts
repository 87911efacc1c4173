import { InternalError, ModelError, modelThrew } from '../errors.js'
import type { Place } from '../locks/dependency.js'
import { type HeldLocks, heldKey, type LockBook } from '../locks/lock-book.js'
import { pendingSite, type Site } from '../model/at.js'
import { describeStep } from '../model/describe.js'
import { Call, type FnInfo } from '../model/fn.js'
import { HoldsRequest, LockRequest } from '../model/lock.js'
import type { Memory } from '../model/memory.js'
import { Note, Step, type Request, type Steps } from '../model/step.js'
import type { ThreadSpec } from '../program.js'
import { callPath } from './call-path.js'
import { type Frame, type History, type Running, rerun, resume } from './frame.js'
import { type FrameKey, FrameKeys, numbersIn, stackKey } from './frame-keys.js'
import { freeze, Identities, Met } from './keys.js'
import { hasPlain, NO_PAIRS, type Outcome, outcome, type Pairs, samePlaces } from './outcome.js'
import { proof } from './proof.js'

/** Where a thread is between two steps: its stack of frames, and the step it takes next. */
export interface LocalState {
  readonly id: number
  readonly key: string
  readonly frames: readonly Frame[]
  /** The pending step; undefined once the thread has ended. */
  readonly step: Step<unknown> | undefined
  readonly site: Site | undefined
  /** Remarks made since the step before (of the first run that came here). */
  readonly notes: readonly string[]
  readonly context: object | undefined
  /** The locks that the thread has. */
  readonly held: HeldLocks
  /** The numbers of sequences that it remembers. */
  readonly numbers: readonly number[]
  /** The name of the first thread that came here. */
  readonly lane: string
}

/** Where a thread comes from when it settles in a local state. */
type Origin = Pick<LocalState, 'context' | 'held' | 'lane'>

const MAX_CALL_DEPTH = 200
const MAX_REQUESTS_WITHOUT_STEP = 10_000
/** Of a frame that is told by all its results; others are told by what they keep. */
const MAX_RESULTS_IN_KEY = 20_000
const MAX_RESULTS_IN_FRAME = 250_000
/** Characters of what a frame keeps. */
const MAX_TOLD = 20_000

/**
 * The local states of all threads of a program, found on demand. Model code runs here and nowhere else: once for
 * every local state and result that had not been met before.
 */
export class Automaton {
  readonly states: LocalState[] = []
  /** Every function that has been called. */
  readonly called = new Set<FnInfo>()
  private readonly ids = new Map<string, number>()
  /** Generators that still rest where their local state is: going on from there costs no re-run. */
  private readonly resting = new Map<number, (Running | undefined)[]>()
  /** Local states whose step is a closure of a generator that has gone on. */
  private readonly gone = new Set<number>()
  /** Of local states whose step is a closure, one made anew that nobody has gone on from. */
  private readonly spare = new Map<number, { readonly step: Step<unknown>; readonly maker: Running }>()
  /** What follows a local state, by what its step has returned. */
  private readonly after: Map<unknown, number>[] = []
  private readonly keys: FrameKeys

  /** `locks` keeps the order of locks. `onNew` is told of each new local state before it is first used. */
  constructor(
    private readonly memory: Memory, private readonly locks: LockBook, private readonly onNew: (state: LocalState) => void,
    readonly identities = new Identities(),
  ) {
    this.keys = new FrameKeys(identities)
  }

  idOf(key: string): number {
    const id = this.ids.get(key)
    if (id === undefined) throw new InternalError('a local state has another key elsewhere')
    return id
  }

  /** The local state of a thread that has not taken a step yet. */
  start(thread: ThreadSpec): number {
    const code = bodyOf(thread)
    const call = code instanceof Call ? code : undefined
    const fn = call?.fn ?? { name: thread.name, body: thread.body }
    return this.settle([], [], { fn, args: call?.args ?? [] }, { context: thread.context, held: [], lane: thread.name })
  }

  /**
   * The pending step of `id`, made anew where it is a closure: it can be told from how the function goes on whether the closure
   * has changed what it captured. `first` is the one of the state, as long as what it captured can be no other.
   */
  stepAnew(id: number): { step: Step<unknown>; first?: Step<unknown>; maker?: Running } {
    const { step, frames } = this.states[id]!
    const top = frames[frames.length - 1]
    if (step!.operands || !top) return { step: step! }
    // As long as nobody has gone on from here, what it has captured is as it was.
    const spare = this.spare.get(id)
    if ((spare ?? this.resting.get(id)?.at(-1)) && !proof.isDue(top.site, top.history?.length ?? 0)) return spare ?? { step: step! }
    const { generator, turn } = rerun(top.fn, top.args, top.history)
    return { step: turn.value as Step<unknown>, maker: generator, ...(!this.gone.has(id) && { first: step! }) }
  }

  /** The local state after the pending step of `id` returned `result`. `maker` made the step that was taken, if not the state's own. */
  next(id: number, result: unknown, step: Step<unknown>, maker?: Running): number {
    const from = this.states[id]!
    const after = (this.after[id] ??= new Map())
    const known = tellsAll(result) ? after.get(result) : undefined
    // However many values a step has read: the code goes on by what it returned, and is run again for that by sampling.
    if (known !== undefined && !this.isDue(from)) {
      if (maker) this.spare.set(id, { step, maker })
      return known
    }
    const next = this.goOn(from, result, maker)
    if (tellsAll(result)) after.set(result, next)
    return next
  }

  private isDue({ frames }: LocalState): boolean {
    const top = frames.at(-1)
    return proof.isDue(top?.site, top?.history?.length ?? 0)
  }

  private goOn(from: LocalState, result: unknown, maker: Running | undefined): number {
    const { id } = from
    this.spare.delete(id)
    const generators = this.resting.get(id) ?? from.frames.map(() => undefined)
    this.resting.delete(id)
    if (maker) generators[generators.length - 1] = maker
    else if (from.step && !from.step.operands) this.gone.add(id)
    return this.settle([...from.frames], generators, { result: freeze(result) }, { ...from, held: this.heldAfter(from, result) })
  }

  private settle(
    frames: Frame[],
    generators: (Running | undefined)[],
    first: { result: unknown } | { fn: FnInfo; args: readonly unknown[] },
    { context, held: before, lane }: Origin,
  ): number {
    const notes: string[] = []
    let held = before
    let event = first
    for (let requests = 0; ; requests++) {
      if (requests > MAX_REQUESTS_WITHOUT_STEP) throw this.endless(frames, 'runs on without taking a step')
      const { fn, args, history } = this.located(frames, event)
      const { turn, again, pairs } = this.run(frames, generators, event, fn, args, history)
      if (turn.done) {
        generators.pop()
        frames.length = generators.length
        if (frames.length === 0) return this.intern('ended', [], undefined, undefined, notes, { context, held, lane })
        event = { result: freeze(turn.value) }
        continue
      }
      const request = turn.value
      const rests = request instanceof Step || request instanceof Call
      frames[generators.length - 1] = { fn, args, history, site: pendingSite.site, ...(rests ? this.keys.frame(fn, args, history, again, pairs) : GOES_ON) }
      if (frames[generators.length - 1]!.key.length > MAX_TOLD) throw this.endless(frames, 'keeps a value that grows without bound')
      if (request instanceof Step) {
        const key = (context ? this.keys.of(context) : '') + stackKey(frames)
        const id = this.intern(key, frames, request, pendingSite.site, notes, { context, held, lane })
        // A step that is a closure can be taken as long as the generator that made it has not gone on, and changed the variables
        // that it captured: the generator has to be the one of the state's step.
        if (!this.resting.has(id) && (request.operands || this.states[id]!.step === request)) this.resting.set(id, generators)
        return id
      }
      if (request instanceof Call) {
        if (frames.length >= MAX_CALL_DEPTH) throw this.endless(frames, `calls itself more than ${MAX_CALL_DEPTH} deep`)
        this.identities.watch(request.args)
        event = { fn: request.fn, args: freeze(request.args) }
      } else if (request instanceof Note) {
        notes.push(request.text)
        event = { result: undefined }
      } else if (request instanceof LockRequest) {
        held = this.heldAt(frames, request, held, lane)
        event = { result: undefined }
      } else if (request instanceof HoldsRequest) {
        event = { result: held.some(({ lock }) => lock === request.lock) }
      } else if (request?.request === 'context') {
        event = { result: freeze(context) }
      } else {
        throw new ModelError('broke-a-rule', `${fn.name}() yields something that is not a step`, 'use yield* on steps and calls')
      }
    }
  }

  /** The frame that goes on: a new one for a call, or the innermost with the result added to its history. */
  private located(frames: Frame[], event: { result: unknown } | { fn: FnInfo; args: readonly unknown[] }) {
    if ('fn' in event) {
      this.called.add(event.fn)
      return { fn: event.fn, args: event.args, history: undefined }
    }
    const top = frames[frames.length - 1]!
    const length = (top.history?.length ?? 0) + 1
    if (length > (top.site ? MAX_RESULTS_IN_FRAME : MAX_RESULTS_IN_KEY)) throw this.endless(frames, 'has a loop that does not close')
    return { fn: top.fn, args: top.args, history: { value: event.result, before: top.history, length } }
  }

  private run(
    frames: readonly Frame[],
    generators: (Running | undefined)[],
    event: { result: unknown } | object,
    fn: FnInfo,
    args: readonly unknown[],
    history: History | undefined,
  ): { turn: IteratorResult<Request, unknown>; again: Outcome; pairs: Pairs } {
    const resting = 'result' in event ? generators[generators.length - 1] : undefined
    const from = 'result' in event ? frames[frames.length - 1]!.site : fn.file === undefined ? undefined : fn
    try {
      // Model code must do the same whenever it is run again.
      const before = proof.isDue(from, history?.length ?? 0) ? outcome(rerun(fn, args, history).turn) : undefined
      const { generator, turn } = resting && 'result' in event
        ? { generator: resting, turn: resume(() => resting.next(event.result)) }
        : rerun(fn, args, history)
      const now = outcome(turn)
      const again = before ?? (hasPlain(now, args) ? outcome(rerun(fn, args, history).turn) : now)
      const pairs = again === now ? NO_PAIRS : samePlaces(again, now)
      if (!pairs) throw notDeterministic(fn)
      if ('result' in event) generators[generators.length - 1] = generator
      else generators.push(generator)
      return { turn, again, pairs }
    } catch (cause) {
      const path = [...frames.map((f) => f.fn.name), ...('fn' in event ? [fn.name] : [])].join('() > ')
      throw modelThrew(`${path}()`, cause, 'the model code itself failed; its stack is below')
    }
  }

  /** For messages: the functions that `id` is in. */
  callsOf(id: number): string {
    return this.states[id]!.frames.map(({ fn }) => `${fn.name}()`).join(' > ')
  }

  private endless(frames: readonly Frame[], what: string): ModelError {
    const top = frames[frames.length - 1]
    return new ModelError(
      'does-not-close',
      `${top?.fn.name ?? 'a thread'}() ${what}`,
      'wait with until() or acquire() instead of spinning, bound the loop, or let mmrace load the file so that loops close',
    )
  }

  private intern(
    code: string,
    frames: readonly Frame[],
    step: Step<unknown> | undefined,
    site: Site | undefined,
    notes: readonly string[],
    origin: Origin,
  ): number {
    const key = origin.held.length > 0 ? `${code} with ${heldKey(origin.held)}` : code
    const known = this.ids.get(key)
    if (known !== undefined) return known
    const state: LocalState = { id: this.states.length, key, frames, step, site, notes, numbers: numbersIn(frames), ...origin }
    this.ids.set(key, state.id)
    this.states.push(state)
    if (step?.options.lock) this.locks.wants(state.held, step.options.lock, state.lane, this.placeOf(frames, step))
    this.onNew(state)
    return state.id
  }

  /** The locks that a thread has once the pending step of `state` has returned `result`. */
  private heldAfter({ held, lane, frames, step }: LocalState, result: unknown): HeldLocks {
    const op = step?.options.lock
    return op ? this.locks.after(held, op, result, lane, this.placeOf(frames, step)) : held
  }

  private heldAt(frames: readonly Frame[], { ops }: LockRequest, before: HeldLocks, lane: string): HeldLocks {
    let held = before
    for (const op of ops) {
      const place = { label: 'lock' in op ? String(op.lock) : op.op, calls: callPath(frames) }
      this.locks.wants(held, op, lane, place)
      held = this.locks.after(held, op, undefined, lane, place)
    }
    return held
  }

  private placeOf(frames: readonly Frame[], step: Step<unknown>): Place {
    return { label: describeStep(step, this.memory), calls: callPath(frames) }
  }
}

/** Whether a value is the same as whatever a Map takes it for. */
const tellsAll = (value: unknown): boolean => (typeof value === 'object' ? value === null : typeof value !== 'function' && !Object.is(value, -0))

/** Of a frame that is not at rest. */
const GOES_ON: FrameKey = { key: '', met: new Met() }

/** What a thread runs. */
function bodyOf(thread: ThreadSpec): Steps<unknown> {
  let code: unknown
  try {
    code = thread.body()
  } catch (cause) {
    throw modelThrew(`thread ${thread.name}`, cause, 'the model code itself failed; its stack is below')
  }
  if (typeof code === 'object' && code !== null && Symbol.iterator in code && !Array.isArray(code)) return code as Steps<unknown>
  throw new ModelError('broke-a-rule', `thread ${thread.name} has nothing to run: its body gives ${Array.isArray(code) ? 'a list' : String(code)}`, 'give it a generator function, or a call of one')
}

const notDeterministic = (fn: FnInfo): ModelError =>
  new ModelError(
    'not-deterministic',
    `${fn.name}() is not deterministic: run twice with the same results it does different things`,
    'keep state between calls in cells, use choose() instead of random numbers, pass no function or class instance made on the way',
  )
