import { type NodePath, types as t } from '@babel/core'
import { type Leaving, leaving } from './abrupt.js'
import type { Locals } from './locals.js'
import { yields } from './syntax.js'

/** What lowering needs from around it. */
export interface Lowering {
  readonly locals: Locals
  /** Makes a variable of the function and declares it. */
  readonly variable: (name: string) => string
  /** The names under which the runtime's `list` and `keys` are imported. */
  readonly helper: (name: 'list' | 'keys') => t.Identifier
  readonly refuse: (node: t.Node, problem: string, hint: string) => never
}

const completions = new WeakMap<t.TryStatement, readonly string[]>()

/** The variables that say, in the finally block of `node`, how its protected part ended. */
export const pendingCompletion = (node: t.TryStatement): readonly string[] => completions.get(node) ?? []

/**
 * Turns what JavaScript keeps out of sight while a generator waits into variables: the position of a `for … of` or `for … in`, and
 * how a `try` ended while its finally block runs.
 */
export const lower = (path: NodePath<t.Function>, lowering: Lowering): void => {
  const own = (inner: NodePath): boolean => inner.getFunctionParent() === path
  const loops: NodePath<t.ForOfStatement | t.ForInStatement>[] = []
  const tries: NodePath<t.TryStatement>[] = []
  path.traverse({
    ForXStatement: (loop) => void (own(loop) && yields(loop.node.body) && loops.push(loop)),
    TryStatement: (node) => void (own(node) && node.node.finalizer && tries.push(node)),
  })
  for (const { node } of tries) {
    const escape = leaving(node.finalizer!)[0]
    if (escape) lowering.refuse(escape, 'a finally block is left by return, break or continue', 'let it run to its end')
  }
  for (const path of tries) {
    if (yields(path.node.finalizer!)) path.replaceWith(t.blockStatement(spellCompletion(path.node, lowering)))
  }
  // From the inside out: what takes the place of a loop has a body of its own, in which the places of inner loops are others.
  for (const loop of loops.toReversed()) loop.replaceWith(overIndex(loop.node, lowering))
}

const overIndex = (node: t.ForOfStatement | t.ForInStatement, { locals, variable, helper }: Lowering): t.ForStatement => {
  const [items, index] = [variable('items'), variable('index')]
  locals.add(items)
  locals.add(index)
  const all = t.isForInStatement(node) ? helper('keys') : helper('list')
  const item = t.memberExpression(t.identifier(items), t.identifier(index), true)
  const first = t.isVariableDeclaration(node.left)
    ? t.variableDeclaration(node.left.kind, [t.variableDeclarator(node.left.declarations[0]!.id, item)])
    : t.expressionStatement(t.assignmentExpression('=', node.left as t.LVal & t.Identifier, item))
  const rest = t.isBlockStatement(node.body) ? node.body.body : [node.body]
  const loop = t.forStatement(
    t.sequenceExpression([
      set(items, t.callExpression(all, [node.right])),
      set(index, t.numericLiteral(0)),
    ]),
    t.binaryExpression('<', t.identifier(index), t.memberExpression(t.identifier(items), t.identifier('length'))),
    t.updateExpression('++', t.identifier(index)),
    t.inherits(t.blockStatement([t.inherits(first, node.left), ...rest]), node.body),
  )
  return t.inherits(loop, node)
}

const nothing = (): t.Expression => t.unaryExpression('void', t.numericLiteral(0))

const set = (name: string, value: t.Expression): t.AssignmentExpression =>
  t.assignmentExpression('=', t.identifier(name), value)

/** Gives what to put in the place of `node`. */
const spellCompletion = (node: t.TryStatement, { locals, variable }: Lowering): t.Statement[] => {
  const [how, value] = [variable('ending'), variable('value')]
  locals.add(how)
  locals.add(value)
  completions.set(node, [how, value])
  const note = (kind: number, what: t.Expression): t.Statement[] => [
    t.expressionStatement(set(value, what)),
    t.expressionStatement(set(how, t.numericLiteral(kind))),
  ]
  const thrown = (): t.CatchClause =>
    t.catchClause(t.identifier('thrown'), t.blockStatement([
      ...note(1, t.identifier('thrown')),
      t.throwStatement(t.identifier('thrown')),
    ]))
  const parts = [node.block, ...(node.handler ? [node.handler.body] : [])]
  parts.flatMap((part) => leaving(part)).forEach((exit, i) => spellExit(exit, (what) => note(2 + i, what ?? nothing()), value))
  const normal = note(0, nothing())
  if (node.handler) {
    node.handler.body = t.blockStatement([...normal.map((s) => t.cloneNode(s)), t.tryStatement(node.handler.body, thrown())])
  } else {
    node.handler = thrown()
  }
  return [...normal, node]
}

/** Rewrites the statement in place, as a block that first notes how the protected part ends. */
const spellExit = (exit: Leaving, note: (what: t.Expression | null) => t.Statement[], value: string): void => {
  const copy = { ...exit } as Leaving
  const what = t.isReturnStatement(copy) ? copy.argument ?? null : null
  if (t.isReturnStatement(copy) && what) copy.argument = t.identifier(value)
  const block = t.inherits(t.blockStatement([...note(what), copy]), exit)
  for (const key of Object.keys(exit)) delete (exit as unknown as Record<string, unknown>)[key]
  Object.assign(exit, block)
}
