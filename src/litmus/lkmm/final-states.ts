import type { Program } from '../program/program.js'
import { formatValue } from '../program/values.js'
import { Kind } from './events.js'
import type { Execution } from './search-executions.js'
import type { Trace } from './trace.js'

/** A final state in short: a number, or where those do not reach a string. */
export type StateKey = number | string

/** What one thread's registers or one location can hold in the end. */
interface Part {
  readonly texts: readonly string[]
  digit(execution: Execution): number
}

/** Final states as keys, and back as herd7 writes them: `0:r1=0; [x]=1;`. There may be many: writing them is put off. */
export class FinalStates {
  private readonly parts: readonly Part[]
  private readonly small: boolean

  constructor(program: Program, traces: readonly (readonly Trace[])[]) {
    const { observed } = program
    const threads = [...new Set(observed.map(({ thread }) => thread).filter((thread) => thread >= 0))]
    this.parts = [
      ...threads.map((thread) => registerPart(program, thread, traces[thread] ?? [])),
      ...observed.filter(({ thread }) => thread < 0).map((place) => locationPart(program, place, traces)),
    ]
    this.small = this.parts.reduce((product, { texts }) => product * texts.length, 1) <= Number.MAX_SAFE_INTEGER
  }

  keyOf(execution: Execution): StateKey {
    if (!this.small) return String.fromCharCode(...this.parts.map((part) => part.digit(execution)))
    let key = 0
    for (const part of this.parts) key = key * part.texts.length + part.digit(execution)
    return key
  }

  format(key: StateKey): string {
    const digits = typeof key === 'string' ? [...key].map((char) => char.charCodeAt(0)) : this.digits(key)
    return this.parts.map(({ texts }, i) => texts[digits[i]!]!).join(' ')
  }

  private digits(key: number): number[] {
    let rest = key
    return this.parts.toReversed().map(({ texts: { length } }) => {
      const digit = rest % length
      rest = (rest - digit) / length
      return digit
    }).toReversed()
  }
}

function registerPart({ observed, locations }: Program, thread: number, traces: readonly Trace[]): Part {
  const names = observed.filter((place) => place.thread === thread).map(({ name }) => name)
  const write = (registers: ReadonlyMap<string, number>): string =>
    names.map((name) => `${thread}:${name}=${formatValue(registers.get(name) ?? 0, locations)};`).join(' ')
  const written = new Map(traces.map((trace) => [trace, write(trace.registers)]))
  const texts = [...new Set(written.values())]
  if (texts.length === 0) texts.push(write(new Map()))
  const digits = new Map([...written].map(([trace, text]) => [trace, texts.indexOf(text)]))
  return { texts, digit: (execution) => digits.get(execution.traces[thread]!) ?? 0 }
}

function locationPart(
  { initial, locations }: Program, { location, name }: { location: number; name: string }, traces: readonly (readonly Trace[])[],
): Part {
  const values = new Set([initial[location]!])
  for (const { events } of traces.flat()) {
    for (const event of events) if (event.location === location && (event.kind & Kind.WRITE) !== 0) values.add(event.value)
  }
  const digits = new Map([...values].map((value, i) => [value, i]))
  return {
    texts: [...values].map((value) => `[${name}]=${formatValue(value, locations)};`),
    digit: ({ final }) => digits.get(final.location(location)!)!,
  }
}
