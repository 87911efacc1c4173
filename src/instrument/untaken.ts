import { type NodePath, types as t } from '@babel/core'

/** Makes the check of a value at a place in the source: it throws when the value is a step or call that nobody takes. */
export type Guard = (value: t.CallExpression) => t.Expression

/**
 * `reach('x')` without `yield*` does nothing, and without a word: a step that is made and not taken. Values of calls
 * that are thrown away, tested or taken apart are therefore looked at when the program runs.
 */
export const guardUntaken = (program: NodePath<t.Program>, guard: Guard): void => {
  const made = new WeakSet<t.Node>()
  const guarded = (path: NodePath, key: string): void => {
    const value = (path.node as unknown as Record<string, t.Node | null | undefined>)[key]
    if (!t.isCallExpression(value) || t.isSuper(value.callee) || t.isImport(value.callee) || made.has(value)) return
    const check = guard(value)
    made.add(check)
    ;(path.node as unknown as Record<string, t.Node>)[key] = check
  }
  program.traverse({
    ExpressionStatement: (path) => guarded(path, 'expression'),
    'IfStatement|ConditionalExpression|WhileStatement|DoWhileStatement|ForStatement': (path: NodePath) => guarded(path, 'test'),
    UnaryExpression: (path) => guarded(path, 'argument'),
    LogicalExpression: (path) => guarded(path, 'left'),
    BinaryExpression: (path) => {
      guarded(path, 'left')
      guarded(path, 'right')
    },
    MemberExpression: (path) => guarded(path, 'object'),
    VariableDeclarator: (path) => {
      if (t.isPattern(path.node.id)) guarded(path, 'init')
    },
  })
}
