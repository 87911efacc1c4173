import type { Condition, Initial, LitmusTest, Operand, Place, Thread } from '../parse/ast.js'
import { addressOf } from './values.js'

/** A place that a final state tells: a location id, or a register of a thread. */
export type Observed = { thread: -1; location: number; name: string } | { thread: number; location: -1; name: string }

/** A litmus test with its names resolved: locations are numbers from 0. */
export interface Program {
  readonly test: LitmusTest
  readonly threads: readonly Thread[]
  readonly locations: readonly string[]
  readonly locationIds: ReadonlyMap<string, number>
  readonly initial: readonly number[]
  /** Initial registers of each thread. */
  readonly registers: readonly ReadonlyMap<string, number>[]
  /** What a final state shows: the places of the condition and of `locations`, in herd7's order. */
  readonly observed: readonly Observed[]
}

/** Resolves the names of a test. A name used nowhere as a register is a location. */
export function makeProgram(test: LitmusTest): Program {
  const ids = new Map<string, number>()
  const locate = (name: string): number => {
    const known = ids.get(name)
    if (known !== undefined) return known
    ids.set(name, ids.size)
    return ids.size - 1
  }
  for (const [name, initial] of test.locations) {
    locate(name)
    if (initial.kind === 'address') locate(initial.name)
  }
  for (const initial of test.registers.values()) if (initial.kind === 'address') locate(initial.name)
  for (const thread of test.threads) thread.params.forEach(locate)
  const places = [...test.shown, ...placesOf(test.condition)]
  for (const place of [...places, ...(test.filter ? placesOf(test.filter) : [])]) {
    if (place.kind === 'location') locate(place.name)
  }

  const valueOf = (initial: Initial): number => (initial.kind === 'number' ? initial.value : addressOf(locate(initial.name)))
  const registers = test.threads.map(() => new Map<string, number>())
  for (const [place, initial] of test.registers) {
    const [thread, name] = place.split(':')
    registers[Number(thread)]?.set(name!, valueOf(initial))
  }
  const locations = [...ids.keys()]
  const initial = locations.map((name) => valueOf(test.locations.get(name) ?? { kind: 'number', value: 0 }))
  return {
    test, threads: test.threads, locations, locationIds: ids, initial, registers,
    observed: observe(places, ids),
  }
}

/** Registers first, by thread and name, then locations by name; each once. */
function observe(places: readonly Place[], ids: ReadonlyMap<string, number>): Observed[] {
  const found = new Map<string, Observed>()
  for (const place of places) {
    if (place.kind === 'location') {
      found.set(`[${place.name}]`, { thread: -1, location: ids.get(place.name)!, name: place.name })
    } else found.set(`${place.thread}:${place.name}`, { thread: place.thread, location: -1, name: place.name })
  }
  const rank = (o: Observed): number => (o.thread < 0 ? Infinity : o.thread)
  return [...found.values()].toSorted((a, b) => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b)
    return a.name < b.name ? -1 : Number(a.name > b.name)
  })
}

function placesOf(condition: Condition): Place[] {
  switch (condition.kind) {
    case 'true':
    case 'false':
      return []
    case 'not': return placesOf(condition.of)
    case 'equal': return [condition.place, ...operandPlaces(condition.to)]
    default: return [...placesOf(condition.left), ...placesOf(condition.right)]
  }
}

const operandPlaces = (operand: Operand): Place[] => (operand.kind === 'place' ? [operand.place] : [])
