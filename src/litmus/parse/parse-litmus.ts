import { LitmusError } from '../litmus-error.js'
import type { Condition, Initial, LitmusTest, Place, Quantifier, Thread } from './ast.js'
import { checkNames } from './check-names.js'
import { parseCondition, parsePlace } from './parse-condition.js'
import { skipType } from './parse-expr.js'
import { parseThread } from './parse-thread.js'
import { endOfPreamble, Tokens } from './tokens.js'

/** Reads a C-litmus file as herd7 does for the Linux-kernel model. Throws LitmusError. */
export function parseLitmus(source: string): LitmusTest {
  const header = /^\s*C\s+(\S[^\n]*?)[ \t\r]*\n/.exec(source)
  if (!header) throw new LitmusError('not a C litmus test: the first line must be `C name`', 1)
  const tokens = new Tokens(source, endOfPreamble(source, header[0].length))
  const locations = new Map<string, Initial>()
  const registers = new Map<string, Initial>()
  parseInit(tokens, locations, registers)
  const threads: Thread[] = []
  while (/^P[0-9]+$/.test(tokens.peek())) threads.push(parseThread(tokens))
  if (threads.length === 0) throw tokens.error('expected a thread P0')

  const shown: Place[] = []
  let filter: Condition | undefined
  for (;;) {
    if (tokens.accept('locations')) parseShown(tokens, shown)
    else if (tokens.accept('filter')) filter = parseCondition(tokens)
    else break
  }
  const { line } = tokens
  const quantifier = parseQuantifier(tokens)
  const mark = tokens.mark()
  const condition: Condition = tokens.done ? { kind: 'true' } : parseCondition(tokens)
  const test: LitmusTest = {
    name: header[1]!, locations, registers, threads, quantifier, condition,
    conditionText: tokens.textSince(mark) || 'true', filter, shown,
  }
  checkNames(test, line)
  return test
}

/** `exists`, `~exists` or `forall`; none at the end of the file. */
export function parseQuantifier(tokens: Tokens): Quantifier {
  if (tokens.done) return 'forall'
  if (tokens.accept('exists')) return 'exists'
  if (tokens.accept('forall')) return 'forall'
  if (tokens.accept('~')) {
    tokens.expect('exists')
    return '~exists'
  }
  throw tokens.error('expected exists, ~exists or forall')
}

/** `locations [x; 0:r1;]` */
function parseShown(tokens: Tokens, shown: Place[]): void {
  tokens.expect('[')
  while (!tokens.accept(']')) {
    shown.push(parsePlace(tokens))
    while (tokens.accept('*'));
    if (tokens.peek() !== ']') tokens.expect(';')
  }
}

/** `{ int x = 1; int *p = &x; 0:r1 = y; atomic_t a = ATOMIC_INIT(0); }` */
function parseInit(tokens: Tokens, locations: Map<string, Initial>, registers: Map<string, Initial>): void {
  tokens.expect('{')
  while (!tokens.accept('}')) {
    if (tokens.accept(';')) continue
    skipType(tokens)
    while (tokens.accept('*'));
    const place = parsePlace(tokens)
    if (tokens.peek() === '[') throw tokens.error('arrays are not supported')
    const value: Initial = tokens.accept('=') ? parseInitial(tokens) : { kind: 'number', value: 0 }
    if (place.kind === 'location') locations.set(place.name, value)
    else registers.set(`${place.thread}:${place.name}`, value)
    if (tokens.peek() !== '}') tokens.expect(';')
  }
}

function parseInitial(tokens: Tokens): Initial {
  if (tokens.accept('(')) {
    skipType(tokens)
    while (tokens.accept('*'));
    if (tokens.accept(')')) return parseInitial(tokens)
    const inner = parseInitial(tokens)
    tokens.expect(')')
    return inner
  }
  if (tokens.accept('ATOMIC_INIT')) {
    tokens.expect('(')
    const inner = parseInitial(tokens)
    tokens.expect(')')
    return inner
  }
  const minus = tokens.accept('-')
  if (tokens.kind() === 'number') {
    const value = Number(tokens.next())
    return { kind: 'number', value: minus ? -value : value }
  }
  tokens.accept('&')
  return { kind: 'address', name: tokens.name() }
}
