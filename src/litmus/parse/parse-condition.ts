import type { Condition, Equality, Operand, Place } from './ast.js'
import { parseFormula } from './parse-formula.js'
import type { Tokens } from './tokens.js'

/** `exists`-style conditions over equalities. */
export const parseCondition = (tokens: Tokens): Condition => parseFormula<Equality>(tokens, parseEquality)

function parseEquality(tokens: Tokens): Condition {
  const place = parsePlace(tokens)
  if (tokens.accept('!=')) return { kind: 'not', of: { kind: 'equal', place, to: parseOperand(tokens) } }
  if (!tokens.accept('=')) tokens.expect('==')
  return { kind: 'equal', place, to: parseOperand(tokens) }
}

/** `0:r1`, `x`, `[x]` or `*x`. */
export function parsePlace(tokens: Tokens): Place {
  if (tokens.accept('[')) {
    const name = tokens.name()
    tokens.expect(']')
    return { kind: 'location', name }
  }
  if (tokens.accept('*')) return { kind: 'location', name: tokens.name() }
  const thread = /^P?([0-9]+)$/.exec(tokens.peek())
  if (thread && tokens.peek(1) === ':') {
    tokens.next()
    tokens.next()
    return { kind: 'register', thread: Number(thread[1]), name: tokens.name() }
  }
  return { kind: 'location', name: tokens.name() }
}

function parseOperand(tokens: Tokens): Operand {
  const minus = tokens.accept('-')
  if (tokens.kind() === 'number' && tokens.peek(1) !== ':') {
    const value = Number(tokens.next())
    return { kind: 'number', value: minus ? -value : value }
  }
  if (tokens.accept('&') || tokens.kind() === 'name') return { kind: 'address', name: tokens.name() }
  return { kind: 'place', place: parsePlace(tokens) }
}
