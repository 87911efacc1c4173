import type { Knowledge, Test } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import type { Algebra } from './algebra.js'
import { Communications } from './communications.js'
import { MEMORY, type TraceEvent } from './events.js'
import { judge } from './judge.js'
import { type LocationOrder, locationOrders } from './location-orders.js'
import type { Execution } from './search-executions.js'
import { type Candidate, select } from './select.js'
import { Skeleton } from './skeleton.js'
import { srcuFlags } from './srcu-flags.js'
import { srcuSections } from './srcu-sections.js'
import type { Trace } from './trace.js'

/** With this many ways left to go on, it pays to judge what is there so far, and what could still come. */
const WORTH_JUDGING = 4
/** More than a thread has traces. */
const MANY = 2 ** 20

/** A location that the threads of a frame access. */
interface Spot {
  readonly location: number
  readonly threads: readonly number[]
  /** Threads that have not chosen their trace. */
  open: number
  /** Ways it can go, by the values of its accesses: one number per thread, what its accesses have. */
  readonly ways: Map<string | number, readonly LocationOrder[]>
  readonly values: Map<string, number>
}

/**
 * All executions in which each thread has a given shape: the events and their orders inside the threads are fixed, what
 * is read and in which order writes reach memory is searched. Since the axioms are monotone, a part that is forbidden is
 * cut off, and a part that is allowed whatever else happens is not judged again.
 */
export class Frame {
  private readonly skeleton: Skeleton
  private readonly com: Communications
  private readonly spots: readonly Spot[]
  private readonly spotsOf: readonly (readonly Spot[])[]
  private readonly chosen: (Trace | undefined)[]
  private readonly events: TraceEvent[]
  private readonly offsets: number[] = []
  private readonly finals = new Map<number, number>()
  private readonly orders: LocationOrder[] = []
  /** Locations with several ways, to be gone through when all threads have chosen. */
  private readonly several: (readonly LocationOrder[])[] = []
  private readonly final: Knowledge
  private readonly numbers = new Map<Trace, Map<Spot, number>>()
  /** What comes below is allowed, whatever it is. */
  private free = false
  /** How many of the orders the relations have: those since what comes is free are left out. */
  private placed = 0

  constructor(
    private readonly program: Program,
    algebra: Algebra,
    private readonly candidates: readonly (readonly Candidate<Trace>[])[],
    private readonly want: Test,
    private readonly spend: (work: number) => void,
  ) {
    const first = candidates.map(([one]) => one!.item)
    this.skeleton = new Skeleton(algebra, first)
    this.events = first.flatMap((trace) => trace.events)
    let offset = 0
    for (const { events } of first) {
      this.offsets.push(offset)
      offset += events.length
    }
    const accessed = first.map(({ events }) =>
      new Set(events.filter(({ kind }) => (kind & MEMORY) !== 0).map(({ location }) => location)))
    this.spots = [...new Set(accessed.flatMap((set) => [...set]))].map((location) => {
      const threads = [...accessed.keys()].filter((thread) => accessed[thread]!.has(location))
      return { location, threads, open: threads.length, ways: new Map<string | number, readonly LocationOrder[]>(), values: new Map<string, number>() }
    })
    this.spotsOf = first.map((_, thread) => this.spots.filter(({ threads }) => threads.includes(thread)))
    this.com = new Communications(this.skeleton, this.spots.map(({ location }) => location))
    this.chosen = first.map(() => undefined)
    const all = new Set(this.spots.map(({ location }) => location))
    this.final = {
      register: (thread, name) => {
        const trace = this.chosen[thread]
        return trace ? trace.registers.get(name) ?? 0 : undefined
      },
      location: (id) => (all.has(id) ? this.finals.get(id) : this.program.initial[id]),
    }
  }

  /** `pass` is told of each part of all combinations that is done. */
  search(visit: (execution: Execution) => void, pass: (part: number) => void): void {
    const { algebra } = this.skeleton
    const mark = algebra.mark()
    const execution = {
      traces: this.chosen as Trace[], events: this.events, threadOf: this.skeleton.threadOf, orders: this.orders, final: this.final,
      isRacy: () => this.isRacy(),
      flags: () => this.flags(),
    }
    /** What was there before each choice, to go back to. */
    const before: number[] = []
    select(this.candidates, {
      spend: this.spend,
      enter: (thread, trace, left) => {
        before.push(this.orders.length, this.several.length, Number(this.free))
        this.chosen[thread] = trace
        const { events } = trace
        for (let i = 0; i < events.length; i++) this.events[this.offsets[thread]! + i] = events[i]!
        for (const spot of this.spotsOf[thread]!) spot.open--
        if (this.want(this.final) === false) return false
        const settled = this.settle(thread)
        if (!settled) return settled !== false
        return this.want(this.final) !== false && this.isPossible(left)
      },
      leave: (thread) => {
        this.free = before.pop() === 1
        const several = before.pop()!
        while (this.several.length > several) this.several.pop()
        const orders = before.pop()!
        while (this.orders.length > orders) this.take()
        for (const spot of this.spotsOf[thread]!) spot.open++
        this.chosen[thread] = undefined
      },
      pass,
      visit: (part) => {
        this.combine(execution, visit)
        pass(part)
      },
    })
    algebra.release(mark)
  }

  /** Decides the locations of which all accesses now have their values: how many. False if one cannot be. */
  private settle(thread: number): number | false {
    let count = 0
    for (const spot of this.spotsOf[thread]!) {
      if (spot.open > 0) continue
      const ways = this.waysOf(spot)
      if (ways.length === 0) return false
      if (ways.length === 1) this.put(ways[0]!)
      else this.several.push(ways)
      count++
    }
    return count
  }

  private waysOf(spot: Spot): readonly LocationOrder[] {
    const key = this.keyOf(spot)
    let ways = spot.ways.get(key)
    if (!ways) {
      ways = locationOrders(this.events, this.skeleton.threadOf, spot.location, this.program.initial[spot.location]!)
      this.spend(ways.length)
      spot.ways.set(key, ways)
    }
    return ways
  }

  private keyOf(spot: Spot): string | number {
    const { threads } = spot
    const first = this.valuesOf(threads[0]!, spot)
    if (threads.length === 1) return first
    if (threads.length === 2) return first * MANY + this.valuesOf(threads[1]!, spot)
    return threads.map((thread) => this.valuesOf(thread, spot)).join()
  }

  /** A number for the values that the accesses of a thread to a location have. */
  private valuesOf(thread: number, spot: Spot): number {
    const trace = this.chosen[thread]!
    let known = this.numbers.get(trace)
    if (!known) this.numbers.set(trace, (known = new Map()))
    let number = known.get(spot)
    if (number === undefined) {
      const { location } = spot
      const text = trace.events.filter((event) => event.location === location && (event.kind & MEMORY) !== 0).map(({ value }) => value).join()
      number = spot.values.get(text)
      if (number === undefined) spot.values.set(text, (number = spot.values.size))
      known.set(spot, number)
    }
    return number
  }

  private put(order: LocationOrder): void {
    this.finals.set(order.location, order.final)
    this.orders.push(order)
    if (this.free) return
    this.com.put(order)
    this.placed++
  }

  private take(): void {
    const order = this.orders.pop()!
    this.finals.delete(order.location)
    if (this.placed <= this.orders.length) return
    this.com.take(order)
    this.placed--
  }

  /** Judges the part of the execution that is there, if enough hangs on it. */
  private isPossible(left: number): boolean {
    if (this.free || left * this.several.reduce((product, ways) => product * ways.length, 1) < WORTH_JUDGING) return true
    if (this.isForbidden()) return false
    this.free = !this.isForbidden(this.com.withAllOf(this.spots.filter((spot) => !this.finals.has(spot.location)).map(({ location }) => location)))
    return true
  }

  private isForbidden(com: Parameters<typeof judge>[1] = this.com): boolean {
    const { algebra } = this.skeleton
    this.spend(this.events.length)
    const mark = algebra.mark()
    const { forbidden } = judge(this.skeleton, com)
    algebra.release(mark)
    return forbidden !== undefined
  }

  /** All ways to put the orders of the locations together that have several. */
  private combine(execution: Execution, visit: (execution: Execution) => void): void {
    if (this.several.length === 0) {
      this.finish(execution, visit)
      return
    }
    const ways = this.several.toSorted((x, y) => x.length - y.length)
    const several = this.several.splice(0)
    const extend = (k: number): void => {
      const list = ways[k]
      if (!list) {
        this.finish(execution, visit)
        return
      }
      const left = ways.slice(k + 1).reduce((product, { length }) => product * length, 1)
      const { free } = this
      for (const order of list) {
        this.put(order)
        if (this.want(this.final) !== false && this.isPossible(left)) extend(k + 1)
        this.take()
        this.free = free
      }
    }
    extend(0)
    this.several.push(...several)
  }

  private finish(execution: Execution, visit: (execution: Execution) => void): void {
    if (this.free) this.spend(this.events.length)
    else if (this.isForbidden()) return
    visit(execution)
  }

  private isRacy(): boolean {
    return this.skeleton.hasPlain && this.whole(() => judge(this.skeleton, this.com).dataRace)
  }

  private flags(): readonly string[] {
    const { hasSrcu } = this.skeleton
    return hasSrcu ? this.whole(() => srcuFlags(this.skeleton, srcuSections(this.skeleton, this.com.rf))) : []
  }

  /** Asks something of the whole execution, of which the relations may lack a part. */
  private whole<T>(ask: () => T): T {
    const { algebra } = this.skeleton
    const mark = algebra.mark()
    const missing = this.orders.slice(this.placed)
    for (const order of missing) this.com.put(order)
    const answer = ask()
    for (const order of missing) this.com.take(order)
    algebra.release(mark)
    return answer
  }
}
