import type { Action, BinaryOp, Expr } from './ast.js'
import { expandMacro } from './macros.js'
import type { Tokens } from './tokens.js'

/** Loosest first, as in C. */
const LEVELS: readonly (readonly BinaryOp[])[] =
  [['||'], ['&&'], ['|'], ['^'], ['&'], ['==', '!='], ['<', '<=', '>', '>='], ['<<', '>>'], ['+', '-'], ['*', '/', '%']]
const TYPES = new Set([
  'int', 'long', 'short', 'char', 'unsigned', 'signed', 'void', '_Bool', 'bool', 'const', 'volatile', 'struct',
  'intptr_t', 'uintptr_t', 'atomic_t', 'atomic64_t', 'spinlock_t', 'size_t', 'u8', 'u16', 'u32', 'u64', 's32', 's64',
  'int8_t', 'int16_t', 'int32_t', 'int64_t', 'uint8_t', 'uint16_t', 'uint32_t', 'uint64_t',
])

export const isType = (tokens: Tokens, ahead = 0): boolean => TYPES.has(tokens.peek(ahead))

/** Passes over `const struct foo`, `unsigned long` and the like; not over the stars. */
export function skipType(tokens: Tokens): void {
  while (isType(tokens)) if (tokens.next() === 'struct') tokens.name()
}

/** An expression of C-litmus. Casts are dropped: every value is an integer or an address. */
export const parseExpr = (tokens: Tokens): Expr => parseLevel(tokens, 0)

function parseLevel(tokens: Tokens, level: number): Expr {
  const ops = LEVELS[level]
  if (!ops) return parseUnary(tokens)
  let left = parseLevel(tokens, level + 1)
  for (;;) {
    const op = ops.find((o) => o === tokens.peek())
    if (!op) return left
    tokens.next()
    left = { kind: 'binary', op, left, right: parseLevel(tokens, level + 1) }
  }
}

function parseUnary(tokens: Tokens): Expr {
  if (tokens.accept('*')) return { kind: 'load', order: 'plain', at: parseUnary(tokens) }
  if (tokens.accept('&')) {
    const lvalue = parseUnary(tokens)
    return lvalue.kind === 'load' ? lvalue.at : lvalue
  }
  if (tokens.accept('+')) return parseUnary(tokens)
  for (const op of ['-', '!', '~'] as const) if (tokens.accept(op)) return { kind: 'unary', op, of: parseUnary(tokens) }
  if (tokens.peek() === '(' && isType(tokens, 1)) {
    tokens.next()
    skipType(tokens)
    while (tokens.accept('*'));
    tokens.expect(')')
    return parseUnary(tokens)
  }
  return parsePrimary(tokens)
}

function parsePrimary(tokens: Tokens): Expr {
  if (tokens.accept('(')) {
    const inner = parseExpr(tokens)
    tokens.expect(')')
    return inner
  }
  if (tokens.kind() === 'number') return { kind: 'number', value: Number(tokens.next()) }
  if (tokens.kind() === 'name' && tokens.peek(1) === '(') {
    const { line } = tokens
    const name = tokens.peek()
    const call = parseCall(tokens)
    if (isExpr(call)) return call
    throw tokens.error(`${name}() on line ${line} has no value`)
  }
  return { kind: 'name', name: tokens.name() }
}

/** `name(args)`: an expression, or for macros without a value an action. */
export function parseCall(tokens: Tokens): Expr | Action {
  const { line } = tokens
  const name = tokens.name()
  const args: Expr[] = []
  tokens.expect('(')
  if (!tokens.accept(')')) {
    do args.push(parseExpr(tokens))
    while (tokens.accept(','))
    tokens.expect(')')
  }
  return expandMacro(name, args, line)
}

const ACTIONS = new Set(['assign', 'evaluate', 'store', 'fence', 'lock', 'unlock', 'syncSrcu', 'srcuUnlock', 'if', 'while'])
export const isExpr = (x: Expr | Action): x is Expr => !ACTIONS.has(x.kind)
