import { nearestHint } from '../../engine/nearest.js'
import { shown } from '../../engine/shown.js'
import { LitmusError } from '../litmus-error.js'
import type { Condition, Expr, LitmusTest, Place, Statement, Thread } from './ast.js'

/**
 * Refuses names that nothing gives a meaning to: a value that is no address has no execution, and a test without
 * executions says nothing. `line` is where the condition begins.
 */
export function checkNames(test: LitmusTest, line: number): void {
  const locations = new Set([...test.locations.keys(), ...test.threads.flatMap(({ params }) => params)])
  for (const initial of [...test.locations.values(), ...test.registers.values()]) if (initial.kind === 'address') locations.add(initial.name)
  const registers = test.threads.map((thread, i) => new Set([...thread.locals, ...assigned(thread.body), ...initialRegisters(test, i)]))
  test.threads.forEach((thread, i) => checkThread(thread, new Set([...locations, ...registers[i]!])))
  for (const key of test.registers.keys()) checkThreadNumber(Number(key.split(':')[0]), test, 1)
  for (const place of [...test.shown, ...placesOf(test.condition), ...(test.filter ? placesOf(test.filter) : [])]) {
    if (place.kind === 'register') {
      checkThreadNumber(place.thread, test, line)
      const known = registers[place.thread]!
      // Tests show registers that they lost on the way; they are 0, as herd7 says.
      if (!known.has(place.name) && !test.shown.includes(place)) throw unknown(`P${place.thread} has no variable`, place.name, [...known], line)
    } else if (!locations.has(place.name)) throw unknown('there is no location', place.name, [...locations], line)
  }
}

const unknown = (what: string, name: string, names: readonly string[], line: number): LitmusError =>
  new LitmusError(`${what} ${shown(name)}`, line, nearestHint(name, names, names.length > 0 ? `there are ${names.join(', ')}` : 'declare it'))

function checkThreadNumber(thread: number, { threads }: LitmusTest, line: number): void {
  if (!threads[thread]) throw new LitmusError(`there is no thread P${thread}`, line, `the threads are P0 to P${threads.length - 1}`)
}

const initialRegisters = ({ registers }: LitmusTest, thread: number): string[] =>
  [...registers.keys()].flatMap((key) => (key.startsWith(`${thread}:`) ? [key.slice(key.indexOf(':') + 1)] : []))

function checkThread(thread: Thread, known: ReadonlySet<string>): void {
  const visit = (statements: readonly Statement[]): void => {
    for (const { action, line } of statements) {
      for (const expr of expressionsOf(action)) checkExpr(expr, line)
      for (const inner of blocksOf(action)) visit(inner)
    }
  }
  const checkExpr = (expr: Expr, line: number): void => {
    if (expr.kind === 'name' && !known.has(expr.name)) throw unknown(`${thread.name} does not declare`, expr.name, [...known], line)
    for (const part of partsOf(expr)) checkExpr(part, line)
  }
  visit(thread.body)
}

const assigned = (statements: readonly Statement[]): string[] =>
  statements.flatMap(({ action }) => [...(action.kind === 'assign' ? [action.name] : []), ...blocksOf(action).flatMap(assigned)])

function blocksOf(action: Statement['action']): readonly (readonly Statement[])[] {
  if (action.kind === 'if') return [action.body, action.otherwise]
  return action.kind === 'while' ? [action.body] : []
}

function expressionsOf(action: Statement['action']): readonly Expr[] {
  switch (action.kind) {
    case 'fence': return []
    case 'if':
    case 'while': return [action.test]
    case 'assign':
    case 'evaluate': return [action.value]
    case 'store':
    case 'srcuUnlock': return [action.at, action.value]
    default: return [action.at]
  }
}

function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'name': return []
    case 'unary': return [expr.of]
    case 'binary': return [expr.left, expr.right]
    case 'xchg': return [expr.at, expr.value]
    case 'cmpxchg': return [expr.at, expr.old, expr.value]
    case 'rmw': return [expr.at, expr.operand]
    case 'addUnless': return [expr.at, expr.add, expr.unless]
    default: return [expr.at]
  }
}

function placesOf(condition: Condition): Place[] {
  switch (condition.kind) {
    case 'true':
    case 'false': return []
    case 'not': return placesOf(condition.of)
    case 'equal': return [condition.place, ...(condition.to.kind === 'place' ? [condition.to.place] : [])]
    default: return [...placesOf(condition.left), ...placesOf(condition.right)]
  }
}
