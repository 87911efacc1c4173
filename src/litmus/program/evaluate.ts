import type { Condition, Place } from '../parse/ast.js'
import type { Program } from './program.js'
import { addressOf } from './values.js'

/** What is known of a final state so far; undefined where it is not yet decided. */
export interface Knowledge {
  register(thread: number, name: string): number | undefined
  location(id: number): number | undefined
}

/** A condition over partial final states: true or false when decided, undefined while it is open. */
export type Test = (state: Knowledge) => boolean | undefined

/** Compiles a condition into three-valued logic, so that a search can cut as soon as it is decided. */
export function compileCondition(condition: Condition, program: Program): Test {
  switch (condition.kind) {
    case 'true': return () => true
    case 'false': return () => false
    case 'equal': {
      const { to } = condition
      const left = reader(condition.place, program)
      const right = to.kind === 'place' ? reader(to.place, program) : constant(operandValue(to, program))
      return (state) => {
        const a = left(state)
        const b = right(state)
        return a === undefined || b === undefined ? undefined : a === b
      }
    }
    case 'not': {
      const of = compileCondition(condition.of, program)
      return (state) => negate(of(state))
    }
    default: {
      const left = compileCondition(condition.left, program)
      const right = compileCondition(condition.right, program)
      if (condition.kind === 'and') return (state) => both(left(state), right(state))
      if (condition.kind === 'or') return (state) => either(left(state), right(state))
      return (state) => either(negate(left(state)), right(state))
    }
  }
}

/** The negation of a test. */
export const not = (test: Test): Test => (state) => {
  const value = test(state)
  return value === undefined ? undefined : !value
}

/** Both tests. */
export const and = (a: Test, b: Test): Test => (state) => {
  const left = a(state)
  if (left === false) return false
  const right = b(state)
  return right === false ? false : left === undefined || right === undefined ? undefined : true
}

const constant = (value: number) => (): number => value
const negate = (x: boolean | undefined): boolean | undefined => (x === undefined ? undefined : !x)
const both = (a: boolean | undefined, b: boolean | undefined): boolean | undefined =>
  a === false || b === false ? false : a === undefined || b === undefined ? undefined : true
const either = (a: boolean | undefined, b: boolean | undefined): boolean | undefined =>
  a === true || b === true ? true : a === undefined || b === undefined ? undefined : false

function reader(place: Place, program: Program): (state: Knowledge) => number | undefined {
  if (place.kind === 'location') {
    const id = program.locationIds.get(place.name)!
    return (state) => state.location(id)
  }
  return (state) => state.register(place.thread, place.name)
}

function operandValue(operand: { kind: 'number'; value: number } | { kind: 'address'; name: string }, program: Program) {
  if (operand.kind === 'number') return operand.value
  const id = program.locationIds.get(operand.name)
  return id === undefined ? NaN : addressOf(id)
}
