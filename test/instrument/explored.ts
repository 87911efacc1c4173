import { check, Memory, ModelError, type Steps } from '../../src/engine/index.js'

export type Thread = (id: number) => Steps<unknown>

export interface Explored {
  readonly verdict: string
  /** Oracles violated. */
  readonly oracles: readonly string[]
  /** The shared state at the end of runs that violate nothing. */
  readonly ends: readonly string[]
  readonly states: number
}

const explored = (thread: Thread, threads: number, reduce: boolean, most: number): Explored => {
  const memory = new Memory()
  const cells = memory.cells('cell', 3 + threads)
  const ends = new Set<string>()
  const result = check({
    memory,
    threads: Array.from({ length: threads }, (_, id) => ({ name: `t${id}`, body: () => thread(id) })),
    atEnd: (access) => void ends.add(cells.map((cell) => access.get(cell)).join()),
  }, { reduce, all: true, states: most })
  const oracles = result.verdict === 'violated' ? result.found.map(({ violation }) => violation.oracle).toSorted() : []
  return { verdict: result.verdict, oracles, ends: [...ends].toSorted(), states: result.stats.states }
}

/** What exploring gives, or that the model code threw. */
export const outcome = (thread: Thread, threads: number, reduce: boolean, most: number): Explored | 'threw' => {
  try {
    return explored(thread, threads, reduce, most)
  } catch (error) {
    if (error instanceof ModelError && error.code === 'threw') return 'threw'
    throw error
  }
}
