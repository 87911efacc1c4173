import type { Page } from '../kernel/include/page.js'

/** An observed page of a process: the arrays of a recording, documented in docs/fidelity.md. */
export type Observation = readonly (number | string)[]

/** What was seen after one operation. */
export interface StepRecord {
  readonly r: number | 'skip'
  readonly e: number
  readonly v: number
  readonly o: readonly Observation[]
  readonly m: readonly Observation[]
  readonly k?: readonly Observation[]
}

/** The same of the model, which also knows what a process has mapped, until the next operation. */
export interface ModelRecord extends StepRecord {
  readonly mapped: (process: number, page: number) => Page | undefined
}

/** A program of system calls, and what a real kernel reported after each. */
export interface Program {
  readonly id: string
  /** Observed page numbers. */
  readonly pages: readonly number[]
  readonly prog: readonly string[]
  readonly steps: readonly StepRecord[]
}

/** An operation: its name, its process, the other arguments (missing ones are 0). */
export interface Operation {
  readonly name: string
  readonly process: number
  readonly args: readonly number[]
}

/** Parses a line of a program, e.g. `mprotect 0 1 2 3`. */
export const parseOperation = (line: string): Operation => {
  const [name = '', ...numbers] = line.trim().split(/\s+/)
  const [process = 0, ...args] = numbers.map(Number)
  return { name, process, args: [...args, 0, 0, 0, 0, 0].slice(0, 5) }
}
