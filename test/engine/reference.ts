import { pendingSite } from '../../src/engine/model/at.js'
import { Call } from '../../src/engine/model/fn.js'
import type { Access, Cell } from '../../src/engine/model/memory.js'
import { Blocked, type Request, Step, type Steps } from '../../src/engine/model/step.js'
import type { Program } from '../../src/engine/program.js'

export interface Edge { thread: number; alternative: number; to: number; says: string[]; reached: string[] }
export interface State { depth: number; edges: Edge[]; live: number[]; must: boolean; ended: boolean; atEnd: { says: string[]; reached: string[] } }
interface Frame { body: () => Steps<unknown>; seen: unknown[]; id: string; key: string; tail: boolean }
interface Thread { frames: Frame[]; step: Step<unknown> | undefined; key: string }

const handles = new Map<unknown, number>()
const keyOf = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) => {
    if (v === undefined || Object.is(v, -0)) return String(v)
    if (typeof v !== 'function' && (typeof v !== 'object' || v === null || [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(v)))) return v
    return `#${handles.get(v) ?? handles.set(v, handles.size).get(v)}`
  })

/** Runs a thread on from its frames to its next step: the innermost frame's generator is run again from its start. */
function settle(frames: Frame[], context: unknown): Thread {
  if (frames.length === 0) return { frames, step: undefined, key: 'ended' }
  const top = frames.at(-1)!
  const below = frames.slice(0, -1)
  const generator = top.body()[Symbol.iterator]() as Iterator<Request, unknown, unknown>
  let turn = generator.next()
  for (const value of top.seen) {
    pendingSite.site = undefined
    turn = generator.next(value)
  }
  if (turn.done) return settle(below.length > 0 ? answered(below, turn.value) : [], context)
  const [request, { site, live, used }] = [turn.value, pendingSite]
  const pending = request instanceof Step ? request.kind + keyOf(request.operands ?? (site ? used : [])) : ''
  const place = site ? `${site.file} ${site.line} ${site.column} ${keyOf(live)}` : top.id + keyOf(top.seen)
  const resting = [...below, { ...top, key: place + pending, tail: site?.tail ?? false }]
  if (request instanceof Call) return settle([...resting, started(request)], context)
  if (!(request instanceof Step)) return settle(answered(resting, request.request === 'context' ? context : undefined), context)
  const key = resting.filter((frame, i) => !frame.tail || i === resting.length - 1).map((frame) => frame.key).join(' > ')
  return { frames: resting, step: request, key }
}

const answered = (frames: Frame[], value: unknown): Frame[] => frames.with(frames.length - 1, { ...frames.at(-1)!, seen: [...frames.at(-1)!.seen, value] })
const started = ({ fn, args }: Call<unknown>): Frame =>
  ({ body: () => fn.body(...(args as never[])), seen: [], id: keyOf([fn, args]), key: '', tail: false })

/** Every state and step of a program, breadth first; undefined when there are more than `most` states. */
export function reference({ memory, threads, atEnd }: Program, most: number): State[] | undefined {
  const look = (cells: number[], apply: (access: Access) => unknown) => {
    const after = [...cells]
    const [says, reached]: string[][] = [[], []]
    const access: Access = {
      get: (cell) => after[cell]!, violate: (oracle) => says!.push(oracle), reach: (name) => reached!.push(name), note: () => {},
      set(cell: Cell, value: number) {
        const before = after[cell]!
        after[cell] = value | 0
        if (before !== (value | 0)) for (const watcher of memory.watchersOf(cell)) watcher(access, cell, before, value | 0)
      },
    }
    return { result: apply(access), after, says: says!.slice(0, 1), reached: reached! }
  }
  const ids = new Map<string, number>()
  const states: (State & { cells: number[]; locals: Thread[] })[] = []
  const enter = (cells: number[], locals: Thread[], depth: number): number => {
    const key = [cells, ...locals.map((local) => local.key)].join(' ## ')
    const live = [...locals.keys()].filter((thread) => locals[thread]!.step)
    const must = live.some((thread) => !threads[thread]!.endless)
    if (!ids.has(key)) ids.set(key, states.push({ cells, locals, depth, edges: [], live, must, ended: false, atEnd: { says: [], reached: [] } }) - 1)
    return ids.get(key)!
  }
  enter([...memory.initial], threads.map(({ body }, t) => settle([{ body, seen: [], id: `${t}`, key: '', tail: false }], threads[t]!.context)), 0)
  for (const state of states) {
    const { cells, locals, depth, edges, live, must } = state
    if (states.length > most) return undefined
    for (const [thread, { frames, step }] of locals.entries()) for (let alternative = 0; alternative < (step?.alternatives ?? 0); alternative++) {
      const { result, after, says, reached } = look(cells, (access) => step!.apply(access, alternative))
      if (result instanceof Blocked) continue
      const next = settle(answered(frames, result), threads[thread]!.context)
      edges.push({ thread, alternative, to: enter(after, locals.with(thread, next), depth + 1), says, reached })
    }
    state.ended = edges.length === 0 && !must && (live.length === 0 || live.length < threads.length)
    if (state.ended && atEnd) state.atEnd = look(cells, atEnd)
  }
  return states
}
