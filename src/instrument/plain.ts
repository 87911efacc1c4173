import { type NodePath, types as t } from '@babel/core'

/** A function without its generator: what a sequential run calls. `params` and `body` are copies. */
export interface Plain {
  readonly params: t.Function['params']
  readonly body: t.BlockStatement
}

/** What modules that the transform sees are imported as. */
const SEEN = /^\.|^mmrace(\/|$)/

/** Whether the function called is certainly one that the transform sees, or makes a step. */
const isSeen = (callee: t.Node, { scope }: NodePath): boolean => {
  const binding = t.isIdentifier(callee) ? scope.getBinding(callee.name)?.path : undefined
  if (binding?.isFunctionDeclaration()) return true
  return binding?.parentPath?.isImportDeclaration() === true && SEEN.test(binding.parentPath.node.source.value)
}

/**
 * The plain form of model code: what `yield*` runs is evaluated where it stands. A call takes its steps at once and gives
 * its result. What may be a step or a call that was made before, or a generator of another kind, is handed to `settled`.
 */
export const plainForm = (path: NodePath<t.Function>, settled: () => t.Identifier): Plain => {
  const evaluated = (pending: t.Expression): t.Expression => {
    if (t.isCallExpression(pending) && isSeen(pending.callee, path)) return pending
    if (t.isConditionalExpression(pending)) {
      return { ...pending, consequent: evaluated(pending.consequent), alternate: evaluated(pending.alternate) }
    }
    return t.callExpression(settled(), [pending])
  }
  const without = (inner: t.Node): t.Node => {
    const parts = inner as unknown as Record<string, t.Node | (t.Node | null)[] | null | undefined>
    for (const key of t.VISITOR_KEYS[inner.type] ?? []) {
      const part = parts[key]
      if (Array.isArray(part)) parts[key] = part.map((each) => each && without(each))
      else if (part) parts[key] = without(part)
    }
    return t.isYieldExpression(inner) ? evaluated(inner.argument!) : inner
  }
  const { params, body } = without(t.cloneNode(path.node)) as t.Function
  return { params, body: body as t.BlockStatement }
}
