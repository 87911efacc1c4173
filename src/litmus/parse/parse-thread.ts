import type { Action, Expr, Statement, Thread } from './ast.js'
import { isExpr, isType, parseCall, parseExpr, skipType } from './parse-expr.js'
import type { Tokens } from './tokens.js'

/** `P0(int *x, spinlock_t *l) { … }` */
export function parseThread(tokens: Tokens): Thread {
  const name = tokens.name()
  const params: string[] = []
  tokens.expect('(')
  while (!tokens.accept(')')) {
    skipType(tokens)
    while (tokens.accept('*') || tokens.accept('volatile') || tokens.accept('const'));
    params.push(tokens.name())
    if (tokens.accept('[')) tokens.expect(']')
    if (tokens.peek() !== ')') tokens.expect(',')
  }
  const locals: string[] = []
  const body = parseBlock(tokens, locals)
  return { name, params, locals, body }
}

function parseBlock(tokens: Tokens, locals: string[]): Statement[] {
  const statements: Statement[] = []
  tokens.expect('{')
  while (!tokens.accept('}')) parseStatement(tokens, statements, locals)
  return statements
}

/** The branch of an `if` or `while`: a block or one statement. */
function parseBranch(tokens: Tokens, locals: string[]): Statement[] {
  const statements: Statement[] = []
  parseStatement(tokens, statements, locals)
  return statements
}

function parseStatement(tokens: Tokens, into: Statement[], locals: string[]): void {
  const { line } = tokens
  if (tokens.accept(';')) return
  if (tokens.peek() === '{') {
    into.push(...parseBlock(tokens, locals))
    return
  }
  if (isType(tokens)) {
    parseDeclaration(tokens, into, locals)
    return
  }
  const mark = tokens.mark()
  if (tokens.accept('if')) {
    const test = parseTest(tokens)
    const text = tokens.textSince(mark)
    const body = parseBranch(tokens, locals)
    const otherwise = tokens.accept('else') ? parseBranch(tokens, locals) : []
    into.push({ action: { kind: 'if', test, body, otherwise }, text, line })
    return
  }
  if (tokens.accept('while')) {
    const test = parseTest(tokens)
    const text = tokens.textSince(mark)
    into.push({ action: { kind: 'while', test, body: parseBranch(tokens, locals) }, text, line })
    return
  }
  if (tokens.accept('do')) {
    const body = parseBranch(tokens, locals)
    const at = tokens.mark()
    tokens.expect('while')
    const test = parseTest(tokens)
    into.push(...body, { action: { kind: 'while', test, body }, text: tokens.textSince(at), line })
    tokens.expect(';')
    return
  }
  const action = parseAction(tokens)
  into.push({ action, text: tokens.textSince(mark), line })
  tokens.expect(';')
}

function parseTest(tokens: Tokens): Expr {
  tokens.expect('(')
  const test = parseExpr(tokens)
  tokens.expect(')')
  return test
}

/** `int r1, *r2 = x;`: only the initialisers do anything. */
function parseDeclaration(tokens: Tokens, into: Statement[], locals: string[]): void {
  skipType(tokens)
  do {
    while (tokens.accept('*'));
    const { line } = tokens
    const mark = tokens.mark()
    const name = tokens.name()
    locals.push(name)
    if (!tokens.accept('=')) continue
    const value = parseExpr(tokens)
    into.push({ action: { kind: 'assign', name, value }, text: tokens.textSince(mark), line })
  } while (tokens.accept(','))
  tokens.expect(';')
}

function parseAction(tokens: Tokens): Action {
  if (tokens.kind() === 'name' && tokens.peek(1) === '(') {
    const call = parseCall(tokens)
    return isExpr(call) ? { kind: 'evaluate', value: call } : call
  }
  const target = parseExpr(tokens)
  if (tokens.peek() === ';') return { kind: 'evaluate', value: target }
  tokens.expect('=')
  const value = parseExpr(tokens)
  if (target.kind === 'name') return { kind: 'assign', name: target.name, value }
  if (target.kind === 'load') return { kind: 'store', order: 'plain', at: target.at, value }
  throw tokens.error('this cannot be assigned to')
}
