import { pendingSite, type Site } from '../model/at.js'
import type { FnInfo } from '../model/fn.js'
import { made } from '../model/made.js'
import type { Request } from '../model/step.js'
import type { FrameKey } from './frame-keys.js'

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
export interface Frame extends FrameKey {
  readonly fn: FnInfo
  readonly args: readonly unknown[]
  readonly history: History | undefined
  /** Where it rests, when the code was instrumented. */
  readonly site: Site | undefined
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
  let turn = resume(() => generator.next())
  while (values.length > 0) turn = resume(() => generator.next(values.pop()))
  return { generator, turn }
}

/** Runs model code to its next request. What it makes on the way is what it asks for: a `yield*` is easily forgotten. */
export function resume(next: () => IteratorResult<Request, unknown>): IteratorResult<Request, unknown> {
  const before = made.count
  pendingSite.site = undefined
  made.refused = undefined
  const turn = next()
  if (made.refused) throw made.refused as Error
  if (made.count - before > (turn.done ? 0 : 1)) throw new TypeError('it makes a step or a call and does not take it: write `yield*` before it')
  return turn
}
