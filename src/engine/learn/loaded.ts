import { bufferOf, type Core, instantiate } from '../core/core.js'
import { InternalError, ModelError, UserError, modelThrew } from '../errors.js'
import { heartbeat } from '../heartbeat.js'
import { atomicOf, LockBook } from '../locks/lock-book.js'
import type { Cell } from '../model/memory.js'
import { describeStep } from '../model/describe.js'
import { made } from '../model/made.js'
import { Sequence } from '../model/sequence.js'
import { Blocked, Step, type Steps } from '../model/step.js'
import { unrun } from '../model/unrun.js'
import type { Program, ThreadSpec } from '../program.js'
import { Automaton, type LocalState } from './automaton.js'
import { Footprints } from './footprints.js'
import { hashOf, type Identities } from './keys.js'
import { sameResult } from './outcome.js'
import { BadAccess, Recorder } from './recorder.js'
import type { Schedule } from '../search/result.js'
import type { Violation } from '../violation.js'

/** What the engine knows of a leaf beside what the core needs. */
export interface LeafInfo {
  readonly result: unknown
  /** Why the step cannot be taken. */
  readonly blocked?: string
  readonly violation?: Violation
  readonly reads: ReadonlyMap<Cell, number>
  readonly writes: ReadonlyMap<Cell, number>
  readonly notes: readonly string[]
  /** `sometimes` conditions reached. */
  readonly reached: readonly string[]
  /** The local state that follows. */
  readonly next: number
}

/** What a search has learned: see `Loaded.lessons`, and the keys of its local states. */
export interface Told {
  readonly lessons: Int32Array
  readonly keys: readonly string[]
  readonly finalLocal: number
}

const NO_WRITES: ReadonlyMap<Cell, number> = new Map()
const BLOCKED = 1
const VIOLATES = 2
const MAX_THREADS = 32
const MAX_MARKS = 32
const MAX_ORACLES = 31 // one bit is for deadlock

/** Threads are interchangeable when they are declared to be and start in the same local state. */
const groupsOf = (threads: readonly ThreadSpec[], locals: readonly number[]): number[][] => {
  const groups = new Map<string, number[]>()
  threads.forEach(({ symmetry, endless }, t) => {
    const name = symmetry === undefined ? `${t}` : `${locals[t]} ${String(endless ?? false)} ${symmetry}`
    groups.set(name, [...(groups.get(name) ?? []), t])
  })
  return [...groups.values()]
}

const cellKeys: (readonly [number, number])[] = []

/** The same in every program. */
const cellKey = (cell: number): readonly [number, number] => (cellKeys[cell] ??= hashOf(`cell ${cell}`))

/** A program made ready for search: a core, and everything it learned about the program so far. */
export class Loaded {
  readonly core: Core
  readonly automaton: Automaton
  readonly leaves: (LeafInfo | undefined)[] = [undefined]
  /** Names of the `sometimes` conditions met so far; the index is the bit in the core's marks. */
  readonly reached: string[] = []
  /** Names of the oracles met so far. */
  private readonly oracles: string[] = []
  readonly footprints: Footprints
  /** In which order locks are taken. */
  readonly locks: LockBook
  /** The local state whose pending step is the look at the state when all have ended. */
  readonly finalLocal: number
  /** Threads that may be swapped: each thread is in one group, most alone. */
  readonly groups: readonly (readonly number[])[]
  /** Each leaf in the order learned: local state, alternative, how many cells were read, and each with its value. */
  readonly lessons: number[] = []
  /** The state in which searches start. */
  private start: Int32Array
  private cause: unknown

  /** `shared`: to search together with others, in memory from `sharedMemory`, with the handles' numbers of an earlier search. */
  constructor(readonly program: Program, shared?: { readonly memory: WebAssembly.Memory; readonly identities: Identities }) {
    const { memory, threads } = program
    if (threads.length === 0) throw new UserError('no-threads', 'the program has no threads', 'give it at least one')
    if (threads.length > MAX_THREADS) {
      throw new UserError('too-many-threads', `${threads.length} threads`, `a program has at most ${MAX_THREADS} threads`)
    }
    this.core = instantiate((local, alternative) => this.learn(local, alternative), shared?.memory)
    this.core.tablesReset()
    this.core.footprintsReset(memory.size)
    this.footprints = new Footprints(this.core)
    this.core.stateReset(memory.size + 1, threads.length)
    this.core.setEndless(threads.reduce((mask, { endless }, t) => (endless ? mask | (1 << t) : mask), 0))
    this.locks = new LockBook(memory, program.lockOrder?.interrupts)
    this.automaton = new Automaton(memory, this.locks, (state) => this.added(state), shared?.identities)
    program.activate?.()
    const locals = threads.map((thread) => this.automaton.start(thread))
    this.start = Int32Array.from([...memory.initial, 0, ...locals])
    this.finalLocal = program.atEnd ? this.finalState(program.atEnd) : -1
    this.groups = groupsOf(threads, locals)
    this.treatAlike(false)
  }

  /**
   * The words of the current state: the cells, one word that a search may use to tell states apart that the program
   * does not, the threads' local states. A fresh view: it is good until the search goes on.
   */
  get words(): Int32Array {
    return new Int32Array(bufferOf(this.core), this.core.words.value >>> 0, this.program.memory.size + 1 + this.program.threads.length)
  }

  /** Bytes of the core's memory in use. */
  get bytes(): number {
    return this.core.heapTop() >>> 0
  }

  /** The index of the spare word. */
  get spareWord(): number {
    return this.program.memory.size
  }

  /** The words of the initial state. */
  get startWords(): Int32Array {
    return this.start
  }

  /** Back to the initial state. */
  restart(): void {
    this.jump(this.start)
  }

  /** From now on, the initial state is the one that this schedule leads to, from the present one or `from`. It must fit, and find everybody able to go on. */
  startAfter(schedule: Schedule, from: Int32Array = this.start): void {
    const { core } = this
    this.guarded(() => {
      this.start = from
      this.restart()
      for (const { thread, alternative } of schedule) core.advance(thread, core.leafOf(core.localOf(thread), alternative))
      this.start = this.words.slice()
    })
  }

  /** Goes to a state saved from `words`. */
  jump(words: Int32Array): void {
    this.words.set(words)
    this.core.settle()
  }

  /** Runs something that may learn; what the model code threw comes out as it was thrown. */
  guarded<T>(run: () => T): T {
    this.program.activate?.()
    try {
      return run()
    } catch (error) {
      const cause = this.cause ?? error
      this.cause = undefined
      if (cause instanceof WebAssembly.RuntimeError) throw new InternalError(`the search core failed: ${cause.message}`, { cause })
      throw cause
    }
  }

  leaf(id: number): LeafInfo {
    const info = this.leaves[id]
    if (!info) throw new InternalError(`leaf ${id} was never learned`)
    return info
  }

  /** Learns anew what was learned in an earlier search, in the same order, so that everything gets the same number. */
  relearn(lessons: Int32Array): void {
    if (this.lessons.length > 0) throw new InternalError('the program was searched before')
    for (let at = 0; at < lessons.length; at += 3 + 2 * lessons[at + 2]!) {
      const [local, alternative] = [lessons[at]!, lessons[at + 1]!]
      const reads = lessons.subarray(at + 3, at + 3 + 2 * lessons[at + 2]!)
      const { words } = this
      for (let i = 0; i < reads.length; i += 2) words[reads[i]!] = reads[i + 1]!
      const from = this.lessons.length
      this.guarded(() => this.learnLeaf(local, alternative))
      if (lessons.subarray(at, at + 3 + reads.length).some((word, i) => word !== this.lessons[from + i])) throw new Error('a step reads something else')
    }
  }

  /** What was learned, to be told to another search of the same program. The look at the end is the same everywhere. */
  get told(): Told {
    return { lessons: Int32Array.from(this.lessons), keys: this.automaton.states.map(({ key }) => key), finalLocal: this.finalLocal }
  }

  /** Learns what another search has. */
  absorb({ lessons, keys, finalLocal }: Told): void {
    for (let at = 0; at < lessons.length; at += 3 + 2 * lessons[at + 2]!) {
      const local = lessons[at] === finalLocal ? this.finalLocal : this.automaton.idOf(keys[lessons[at]!]!)
      const reads = lessons.subarray(at + 3, at + 3 + 2 * lessons[at + 2]!)
      const { words } = this
      for (let i = 0; i < reads.length; i += 2) words[reads[i]!] = reads[i + 1]!
      this.guarded(() => this.core.leafOf(local, lessons[at + 1]!))
    }
  }

  /** The bits in the core's marks that stand for these names. */
  marksOf(names: readonly string[]): number {
    return names.reduce((bits, name) => bits | this.mark(name), 0)
  }

  /** The bits in the core's `seen` that stand for these oracles; deadlock has its own. */
  oraclesOf(names: readonly string[]): number {
    return names.reduce((bits, name) => bits | (1 << this.numberOf(name, this.oracles, MAX_ORACLES)), 0)
  }

  private added(state: LocalState): void {
    const id = this.core.addLocal(state.step ? state.step.alternatives : 0, ...hashOf(state.key))
    if (id !== state.id) throw new InternalError('the core counts local states differently')
    this.footprints.added(state.key, id)
  }

  private finalState(look: NonNullable<Program['atEnd']>): number {
    const step = new Step<void>('atomic', [], look, { label: 'at the end' })
    function* body(): Steps {
      yield* step
    }
    return this.automaton.start({ name: 'end', body })
  }

  /**
   * Whether states that differ by swapping interchangeable threads are one state: such threads then share a key.
   * Back to the initial state.
   */
  treatAlike(alike: boolean): void {
    const { core, groups, program: { memory } } = this
    for (let i = 0; i <= memory.size; i++) core.setKey(i, ...cellKey(i))
    for (const group of groups) {
      group.forEach((thread, i) => {
        core.setKey(memory.size + 1 + thread, ...hashOf(`thread ${alike ? group[0] : thread}`))
        core.setPeers(thread, alike ? group[i - 1] ?? -1 : -1, alike ? group[i + 1] ?? -1 : -1)
      })
    }
    this.restart()
  }

  private learn(local: number, alternative: number): void {
    try {
      this.learnLeaf(local, alternative)
    } catch (error) {
      this.cause = error
      throw error
    }
  }

  private learnLeaf(local: number, alternative: number): void {
    const { step } = this.automaton.states[local]!
    if (!step) throw new InternalError('a thread that has ended was asked for a step')
    heartbeat.beat()
    const { step: anew, first, maker } = this.automaton.stepAnew(local)
    const recorder = new Recorder(this.program.memory, this.words)
    const result = this.applied(local, anew, recorder, alternative)
    if (first) this.again(local, first, alternative, recorder, result)
    if (!(result instanceof Blocked)) this.looked(local, step, recorder)
    const stays = result instanceof Blocked || local === this.finalLocal
    const next = stays ? local : this.automaton.next(local, result, anew, maker)
    if (!stays) this.remembered(local, next, recorder)
    const leaf = this.addLeaf(local, recorder, result, next)
    this.addPath(local, alternative, recorder.reads, leaf)
    this.footprints.add(local, leaf, recorder, stays ? -1 : next)
  }

  /** Counts who remembers which numbers of sequences, as part of the step. */
  private remembered(local: number, next: number, recorder: Recorder): void {
    const [before, after] = [this.automaton.states[local]!.numbers, this.automaton.states[next]!.numbers]
    const count = (number: number, by: number): void => {
      const cell = Sequence.counting(this.program.memory, number)
      if (cell !== undefined) recorder.unwatched(() => recorder.set(cell, recorder.get(cell) + by))
    }
    for (const number of before) if (!after.includes(number)) count(number, -1)
    for (const number of after) if (!before.includes(number)) count(number, 1)
  }

  /** What a step that is taken violates, beyond what it says itself. */
  private looked(local: number, step: Step<unknown>, recorder: Recorder): void {
    this.awake(local, step, recorder)
    this.monitored(local, step, recorder)
  }

  private awake(local: number, { options: { lock } }: Step<unknown>, recorder: Recorder): void {
    if (!lock || !this.program.lockOrder || !(lock.op === 'sleep' || (lock.op === 'acquire' && lock.sleeps))) return
    const atomic = atomicOf(this.automaton.states[local]!.held)
    if (atomic) recorder.violate(this.program.lockOrder.oracle, `sleeping function called from invalid context: ${atomic.class}`)
  }

  private monitored(local: number, step: Step<unknown>, recorder: Recorder): void {
    const { monitor, memory } = this.program
    if (!monitor) return
    const { context } = this.automaton.states[local]!
    const { violation } = recorder
    const found = recorder.unwatched(() => monitor({ context, label: describeStep(step, memory), violation, atEnd: local === this.finalLocal }, recorder))
    const what = unrun(found)
    if (what) throw new ModelError('broke-a-rule', `the monitor gives ${what}, which nobody runs`, 'make it a plain function')
    recorder.violation = found
  }

  /** A closure does the same whenever it is called. */
  private again(local: number, step: Step<unknown>, alternative: number, before: Recorder, result: unknown): void {
    const recorder = new Recorder(this.program.memory, this.words)
    if (sameResult(result, this.applied(local, step, recorder, alternative)) && before.didTheSame(recorder)) return
    const where = `${this.automaton.callsOf(local)}: step "${describeStep(step, this.program.memory)}"`
    throw new ModelError('not-deterministic', `${where}, taken twice in the same state, does different things`, 'a step reads and writes cells, and changes nothing else')
  }

  private applied(local: number, step: Step<unknown>, recorder: Recorder, alternative: number): unknown {
    const before = made.count
    try {
      const result = step.apply(recorder, alternative)
      const what = unrun(result)
      if (what) throw new BadAccess(`its function gives ${what}, which nobody runs`)
      if (made.count > before) throw new BadAccess('it makes another step, which nobody takes')
      const cell = step.operands?.[0]
      if (typeof cell === 'number' && this.program.memory.options[cell]?.ghost && recorder.writes.has(cell as Cell)) {
        throw new BadAccess(`it writes to ${this.program.memory.names[cell]}, which is in the books of an oracle: give it a cell of the model`)
      }
      return result
    } catch (cause) {
      const calls = local === this.finalLocal ? '' : `${this.automaton.callsOf(local)}: `
      const where = `${calls}step "${describeStep(step, this.program.memory)}"`
      if (cause instanceof BadAccess) throw new ModelError('broke-a-rule', `${where}: ${cause.message}`, 'a step reads and writes cells at once, with the Access it is given')
      throw modelThrew(where, cause, 'the model code itself failed')
    }
  }

  private addLeaf(local: number, recorder: Recorder, result: unknown, next: number): number {
    const blocked = result instanceof Blocked
    const writes = blocked ? NO_WRITES : recorder.writes
    let first = 0
    let [count, blind] = [0, 0]
    const add = (cell: Cell, value: number): void => {
      const old = recorder.reads.get(cell)
      const at = this.core.addWrite(cell, value, old === undefined, old ?? 0)
      if (count++ === 0) first = at
    }
    // Blind ones come first.
    for (const [cell, value] of writes) {
      if (recorder.reads.has(cell)) continue
      blind++
      add(cell, value)
    }
    for (const [cell, value] of writes) if (recorder.reads.has(cell)) add(cell, value)
    const violation = blocked ? undefined : recorder.violation
    const reached = blocked ? [] : recorder.reached
    const flags = (blocked ? BLOCKED : 0) | (violation ? VIOLATES : 0)
    const oracle = violation ? this.numberOf(violation.oracle, this.oracles, MAX_ORACLES) : 0
    const marks = reached.reduce((bits, name) => bits | this.mark(name), 0)
    const id = this.core.addLeaf(local, next, first, count, flags, oracle, marks, blind)
    this.leaves[id] = {
      result,
      ...(blocked && { blocked: result.why }),
      ...(violation && { violation }),
      reads: recorder.reads,
      writes: blind === 0 || blind === count ? writes : new Map([...writes].toSorted(([a], [b]) => Number(recorder.reads.has(a)) - Number(recorder.reads.has(b)))),
      notes: blocked ? [] : recorder.notes,
      reached,
      next,
    }
    return id
  }

  private mark(name: string): number {
    return 1 << this.numberOf(name, this.reached, MAX_MARKS)
  }

  private numberOf(name: string, list: string[], most: number): number {
    const known = list.indexOf(name)
    if (known >= 0) return known
    if (list.length >= most) throw new UserError('too-many-names', `more than ${most} oracles or reached conditions`, 'use fewer names')
    return list.push(name) - 1
  }

  /** Adds the way to a leaf to the decision tree of a slot. */
  private addPath(local: number, alternative: number, reads: ReadonlyMap<Cell, number>, leaf: number): void {
    const { core, lessons } = this
    const at = core.readsAt(reads.size) >>> 0
    const words = new Int32Array(bufferOf(core), at, reads.size * 2)
    lessons.push(local, alternative, reads.size)
    let i = 0
    for (const [cell, value] of reads) {
      words[i++] = cell
      words[i++] = value
      lessons.push(cell, value)
    }
    const other = core.addPath(local, alternative, reads.size, leaf)
    if (other < 0) return
    const name = this.program.memory.names[[...reads.keys()][other]!]
    throw new ModelError('not-deterministic', `a step read ${name} where it had read something else before`, 'what a step does may depend on cells only')
  }
}
