import type { BinaryOp } from '../parse/ast.js'

/** The address of location `id` is `ADDRESS + id * STRIDE`: an int beyond those of a test, its low bits clear. */
const ADDRESS = 2 ** 30
const STRIDE = 64

/** A value that nothing in the test computes: it exists only because it is read from the write that it caused. */
export const THIN_AIR = 2 ** 31 - 1

export const addressOf = (id: number): number => ADDRESS + id * STRIDE

/** The location a value points to, or -1: the value is no address of a location. */
export function locationAt(value: number): number {
  const id = (value - ADDRESS) / STRIDE
  return id >= 0 && Number.isInteger(id) ? id : -1
}

/** Text of a value: an integer, the name of the location it points to, or `S1` for one out of thin air. */
export function formatValue(value: number, names: readonly string[]): string {
  return value === THIN_AIR ? 'S1' : names[locationAt(value)] ?? String(value)
}

/** C on integers and addresses. Truth is 1 or 0. */
export function compute(op: BinaryOp, a: number, b: number): number {
  switch (op) {
    case '+': return a + b
    case '-': return a - b
    case '*': return a * b
    case '/': return b === 0 ? 0 : Math.trunc(a / b)
    case '%': return b === 0 ? 0 : a % b
    case '&': return a & b
    case '|': return b === 0 ? a : a === 0 ? b : a | b
    case '^': return b === 0 ? a : a ^ b
    case '&~': return a & ~b
    case '<<': return a << b
    case '>>': return a >> b
    case '==': return Number(a === b)
    case '!=': return Number(a !== b)
    case '<': return Number(a < b)
    case '<=': return Number(a <= b)
    case '>': return Number(a > b)
    case '>=': return Number(a >= b)
    case '&&': return Number(a !== 0 && b !== 0)
    case '||': return Number(a !== 0 || b !== 0)
  }
}
