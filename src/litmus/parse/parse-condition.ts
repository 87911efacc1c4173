import type { Condition, Operand, Place } from './ast.js'
import type { Tokens } from './tokens.js'

/** `exists`-style conditions: `/\`, `\/`, `=>`, `~` or `not`, and equalities. */
export function parseCondition(tokens: Tokens): Condition {
  const left = parseOr(tokens)
  return tokens.accept('=>') ? { kind: 'implies', left, right: parseCondition(tokens) } : left
}

function parseOr(tokens: Tokens): Condition {
  let left = parseAnd(tokens)
  while (tokens.accept('\\/') || tokens.accept('||')) left = { kind: 'or', left, right: parseAnd(tokens) }
  return left
}

function parseAnd(tokens: Tokens): Condition {
  let left = parseNot(tokens)
  while (tokens.accept('/\\') || tokens.accept('&&')) left = { kind: 'and', left, right: parseNot(tokens) }
  return left
}

function parseNot(tokens: Tokens): Condition {
  if (tokens.accept('~') || tokens.accept('not') || tokens.accept('!')) return { kind: 'not', of: parseNot(tokens) }
  if (tokens.accept('(')) {
    const inner = parseCondition(tokens)
    tokens.expect(')')
    return inner
  }
  if (tokens.accept('true')) return { kind: 'true' }
  if (tokens.accept('false')) return { kind: 'false' }
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
