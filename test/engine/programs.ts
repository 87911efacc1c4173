import * as runtime from '../../src/engine/model/at.js'
import { fn } from '../../src/engine/model/fn.js'
import { type Access, type Cell, Memory } from '../../src/engine/model/memory.js'
import * as steps from '../../src/engine/model/step.js'
import type { Program } from '../../src/engine/program.js'
import { instrument } from '../../src/instrument/instrument.js'

const { Blocked } = steps
const CELLS = 4

const library = {
  ...steps,
  /** Looks at one cell and writes another; may violate, reach or block, by what it sees. */
  both: (a: Cell, b: Cell, what: number) => steps.atomic<number>('both', (m: Access) => {
    const seen = m.get(a)
    if (what === 1 && seen === 2) m.violate('both', 'seen 2')
    if (what === 2 && seen === 1) m.reach('both')
    if (what === 3 && seen === 0) {
      m.violate('blocked', 'not taken')
      m.reach('blocked')
      return new Blocked('both')
    }
    if (what !== 4 || seen === 1) m.set(b, (seen + m.get(b)) % 3)
    return seen
  }),
}

/** What a tape of numbers is turned into: source of functions t0, t1 … that are thread bodies, and the rest of a program. */
export interface Plan {
  readonly source: (instrumented: boolean) => string
  readonly loops: boolean
  /** The number of the body of each thread. */
  readonly bodies: readonly number[]
  /** A bit for each body: who runs it need not end. */
  readonly endless: number
  readonly watch: number
  readonly end: number
}

const define = (name: string, text: string, instrumented: boolean): string =>
  (instrumented ? `function* ${name}${text}` : `const ${name} = fn(function* ${name}${text})`)

/** Random model code. Smaller numbers and shorter tapes give simpler programs, so that fast-check shrinks well. */
export function planFrom(tape: readonly number[], withLoops: boolean): Plan {
  let at = 0
  let loops = false
  let names = 0
  const number = (below: number): number => (tape[at++] ?? 0) % below
  const pick = <T>(...options: readonly (() => T)[]): T => options[number(options.length)]!()
  const cell = (): string => `c[${number(CELLS)}]`
  const variable = (): string => `v${number(2)}`
  const value = (): string => pick(() => '1', () => '2', () => '0', variable, () => `((${variable()} + 1) % 3)`)

  const statement = (depth: number, looping: boolean): string => {
    const block = (inLoop = looping): string => `{ ${Array.from({ length: 1 + number(2) }, () => statement(depth + 1, inLoop)).join('; ')} }`
    const simple: (() => string)[] = [
      () => `${variable()} = yield* load(${cell()})`,
      () => `yield* store(${cell()}, ${value()})`,
      () => `${variable()} = yield* xchg(${cell()}, ${value()})`,
      () => `${variable()} = yield* cmpxchg(${cell()}, ${number(3)}, ${value()})`,
      () => (looping ? `yield* clearBits(${cell()}, 1)` : `${variable()} = (yield* fetchAdd(${cell()}, 1)) % 3`),
      () => (looping ? `yield* setBits(${cell()}, 2)` : `${variable()} = Number(yield* addUnlessZero(${cell()}, -1))`),
      () => `yield* setBits(${cell()}, 1)`,
      () => `yield* acquire(${cell()}, 0, 1)`,
      () => { const k = number(2); return `${variable()} = yield* until(${cell()}, (x) => x ${['===', '!=='][number(2)]} ${k})` },
      () => `${variable()} = yield* choose(${2 + number(2)})`,
      () => `${variable()} = yield* both(${cell()}, ${cell()}, ${number(5)})`,
      () => (depth < 9 ? `${variable()} = yield* helper${number(2)}(${value()})` : 'yield* fence()'),
      () => `yield* note('here')`,
      () => `v0 = (yield* context()).cpu`,
    ]
    const nested: (() => string)[] = depth > 2 ? [] : [
      () => `if (${variable()} === ${number(3)}) ${block()} else ${block()}`,
      () => `if (${variable()} !== ${number(3)}) return ${variable()}`,
    ]
    const looped: (() => string)[] = depth > 2 || !withLoops ? [] : [
      () => { loops = true; return `while ((yield* load(${cell()})) === ${number(3)}) ${block(true)}` },
      () => { loops = true; return `while ((yield* xchg(${cell()}, 1)) === 1) ${number(2) ? 'yield* fence()' : block(true)}` },
      () => { loops = true; const i = `i${names++}`; return `for (let ${i} = 0; ${i} < 2; ${i}++) ${block(true)}` },
      () => { loops = true; return `do { yield* fence(); ${block(true)} } while (${variable()} === ${number(3)})` },
    ]
    return pick(...simple, ...nested, ...looped)
  }
  const code = (parameters: string, depth: number, most: number): string =>
    `(${parameters}) { let ${parameters ? 'v1 = 0' : 'v0 = 0, v1 = 0'}; ${Array.from({ length: 1 + number(most) }, () => statement(depth, false)).join('; ')}; return v0 }`

  const count = 2 + number(2)
  const bodies = Array.from({ length: count }, () => number(count))
  const threads = Array.from({ length: count }, () => code('', 0, 4))
  const helpers = Array.from({ length: 2 }, () => code('v0', 9, 2))
  return {
    source: (instrumented) => [
      ...helpers.map((text, i) => define(`helper${i}`, text, instrumented)),
      ...threads.map((text, i) => define(`t${i}`, text, instrumented)),
    ].join('\n'),
    loops, bodies, watch: number(4), end: number(4), endless: number(4) === 3 ? number(8) : 0,
  }
}

const evaluate = (code: string, memory: readonly Cell[], count: number): (() => steps.Steps<unknown>)[] => {
  const local = code.replace(/^import \{(.*)\} from "runtime";/, (_, names: string) => `const {${names.replaceAll(' as ', ': ')}} = runtime;`)
  const names = Array.from({ length: count }, (_, i) => `t${i}`)
  const make = new Function('runtime', 'fn', 'c', ...Object.keys(library), `'use strict'; ${local}; return [${names.join()}]`)
  return make(runtime, fn, memory, ...Object.values(library)) as (() => steps.Steps<unknown>)[]
}

let last = { source: '', code: '' }

/** A program is made many times in a row. */
const instrumentedOf = (source: string): string => {
  if (last.source !== source) last = { source, code: instrument(source, { filename: '/fuzz.js', typescript: false, runtime: 'runtime' }).code }
  return last.code
}

/** The program of a plan. Threads with the same body are declared interchangeable. */
export function programOf(plan: Plan, instrumented: boolean): Program {
  const memory = new Memory()
  const cells = memory.cells('c', CELLS)
  const source = plan.source(instrumented)
  const code = instrumented ? instrumentedOf(source) : source
  const bodies = evaluate(code, cells, plan.bodies.length)
  const watched = cells[0]!
  if (plan.watch === 1) memory.watch(watched, (m, _, before, after) => { if (before === 1 && after === 2) m.violate('watcher', '1 to 2') })
  if (plan.watch === 2) memory.watch(watched, (m, _, __, after) => { if (after === 2) m.set(cells[1]!, 1) })
  const context = { cpu: 1 }
  return {
    memory,
    threads: plan.bodies.map((body, t) => ({ name: `thread${t}`, body: bodies[body]!, context, symmetry: 'same', endless: ((plan.endless >> body) & 1) === 1 })),
    atEnd: (m) => {
      if (plan.end > 1 && m.get(cells[1]!) === 2 && m.get(cells[2]!) === plan.end - 2) m.violate('end', 'c1 is 2')
      // Tells how the program can end, so that what a reduction leaves out wrongly shows, violation or not.
      m.reach(`end ${Math.abs(cells.reduce((sum, cell) => sum * 3 + m.get(cell), 0)) % 29}`)
    },
  }
}

/** The same program with no two threads interchangeable. */
export const withoutSymmetry = (program: Program): Program =>
  ({ ...program, threads: program.threads.map(({ name, body, context, endless }) => ({ name, body, ...(context && { context }), ...(endless && { endless }) })) })
