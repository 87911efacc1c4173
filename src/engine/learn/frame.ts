import type { Site } from '../model/at.js'
import type { FnInfo } from '../model/fn.js'
import type { Request } from '../model/step.js'

/** The results that a frame's requests have returned so far, newest first. Shared between frames. */
export interface History {
  readonly value: unknown
  readonly before: History | undefined
  readonly length: number
}

/**
 * One function call of a thread, at rest at a `yield*`. Immutable; the generator that got there is kept beside it
 * for as long as nobody else went on from here (see Automaton).
 */
export interface Frame {
  readonly fn: FnInfo
  readonly args: readonly unknown[]
  readonly history: History | undefined
  /** Where it rests, when the code was instrumented. */
  readonly site: Site | undefined
  /** What makes two frames the same: the site and the live locals; or function, arguments and all results so far. */
  readonly key: string
}

export type Running = Iterator<Request, unknown, unknown>

/** A generator brought to where the frame rests, by feeding it the frame's history. */
export function rerun(fn: FnInfo, args: readonly unknown[], history: History | undefined): {
  generator: Running
  turn: IteratorResult<Request, unknown>
} {
  const values: unknown[] = []
  for (let h = history; h; h = h.before) values.push(h.value)
  const generator = fn.body(...(args as never[]))[Symbol.iterator]() as Running
  let turn = generator.next()
  while (values.length > 0) turn = generator.next(values.pop())
  return { generator, turn }
}
