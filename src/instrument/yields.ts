import { type NodePath, types as t } from '@babel/core'
import { Liveness } from './liveness.js'
import { Locals, THIS, uniqueNames } from './locals.js'
import { lower } from './lower.js'
import { checkOutside } from './outside.js'
import { Pending } from './pending.js'
import { checkModelCode, type Refuse } from './refuse.js'
import { type Names, union, walk, yields } from './syntax.js'

export interface YieldContext {
  readonly refuse: Refuse
  /** The name under which a helper of the runtime is imported. */
  readonly helper: (name: 'at' | 'keys' | 'list' | 'told') => t.Identifier
  /** A reference to the site of this yield. */
  readonly site: (node: t.YieldExpression, tail: boolean) => t.Expression
}

interface Report {
  readonly node: t.YieldExpression
  readonly live: Names
  readonly used: Names
  readonly tail: boolean
}

/** Makes every `yield*` of a generator function say where it is and which values the frame still needs. */
export const instrumentYields = (path: NodePath<t.Function>, { refuse, helper, site }: YieldContext): void => {
  checkModelCode(path.node, refuse)
  checkOutside(path, refuse)
  uniqueNames(path)
  const variables: string[] = []
  const variable = (name: string): string => {
    variables.push(path.scope.generateUid(name))
    return variables.at(-1)!
  }
  const locals = new Locals(path)
  lower(path, { locals, variable, refuse, helper })

  const results = new Map<t.Expression, string>()
  const pool: string[] = []
  /** Variables of the pool that the step made now has taken; undefined where several steps are under way. */
  let taken: number | undefined
  const pending = new Pending(locals, (node) => {
    const known = results.get(node)
    if (known) return known
    if (taken === pool.length) pool.push(variable('made'))
    const name = taken === undefined ? variable(t.isYieldExpression(node) ? 'result' : 'held') : pool[taken++]!
    results.set(node, name)
    if (!t.isYieldExpression(node)) held.add(name)
    return name
  })
  /** Variables that hold what was computed on the way. A function among it is given by what it was made from. */
  const held = new Set<string>()
  const body = path.node.body as t.BlockStatement
  const { after } = new Liveness(locals, body)
  const reports: Report[] = []
  walk(body, (node, parents) => {
    if (!t.isYieldExpression(node)) return
    const around = expressionsAround(parents)
    const waiting = pending.at(node, around, (name) =>
      refuse(node, `\`${name}\` changes in an expression that still needs its old value during this step`,
        'split the expression into statements'))
    const alone = around.every((other) => !t.isYieldExpression(other)) && !yields(node.argument!)
    taken = alone ? 0 : undefined
    const used = pending.made(node.argument!)
    taken = undefined
    reports.push({ node, live: union(after.get(node)!, waiting), used, tail: isTail(node, parents) })
  })
  const values = (names: Names): t.ArrayExpression =>
    t.arrayExpression([...names].toSorted().map((name) =>
      name === THIS ? t.thisExpression() : held.has(name) ? t.callExpression(helper('told'), [t.identifier(name)]) : t.identifier(name)))
  for (const { node, live, used, tail } of reports) {
    node.argument = t.callExpression(helper('at'), [node.argument!, site(node, tail), values(live), values(used)])
  }
  path.traverse({
    Expression: {
      exit(inner) {
        const name = results.get(inner.node)
        if (!name) return
        results.delete(inner.node)
        inner.replaceWith(t.assignmentExpression('=', t.identifier(name), inner.node))
      },
    },
  })
  if (variables.length === 0) return
  body.body.unshift(t.variableDeclaration('let', variables.map((name) => t.variableDeclarator(t.identifier(name)))))
}

/** The expressions that a node is part of, innermost first. */
const expressionsAround = (parents: readonly t.Node[]): t.Node[] => {
  const end = parents.findLastIndex((parent) => t.isStatement(parent) || t.isVariableDeclarator(parent))
  return parents.slice(end + 1).toReversed()
}

const isTail = (node: t.Node, parents: readonly t.Node[]): boolean => {
  let child = node
  for (const parent of parents.toReversed()) {
    if (t.isReturnStatement(parent)) return !parents.some((p) => t.isTryStatement(p))
    const last = (t.isConditionalExpression(parent) && child !== parent.test)
      || (t.isLogicalExpression(parent) && child === parent.right)
      || (t.isSequenceExpression(parent) && child === parent.expressions.at(-1))
    if (!last) return false
    child = parent
  }
  return false
}
