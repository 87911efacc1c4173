import { types as t } from '@babel/core'

export type Names = ReadonlySet<string>
export const NONE: Names = new Set()

export const union = (...sets: Names[]): Names => {
  const parts = sets.filter((s) => s.size > 0)
  if (parts.length < 2) return parts[0] ?? NONE
  const all = new Set(parts[0])
  for (const part of parts.slice(1)) for (const name of part) all.add(name)
  return all
}

const without = (value: t.Node | null | undefined): value is t.Node => value != null && !isType(value)
const isType = (node: t.Node): boolean => t.isFlow(node) || t.isTSType(node) || t.isTSTypeParameterInstantiation(node)

/** The direct children of a node in the order JavaScript evaluates them, types left out. */
export const children = (node: t.Node): t.Node[] =>
  (t.VISITOR_KEYS[node.type] ?? []).flatMap((key) => {
    const value = (node as unknown as Record<string, t.Node | (t.Node | null)[] | null | undefined>)[key]
    return Array.isArray(value) ? value.filter(without) : without(value) ? [value] : []
  })

/** The parts of an expression that are evaluated to values before it is itself. */
export const operands = (node: t.Node): t.Node[] => {
  if (t.isMemberExpression(node) || t.isOptionalMemberExpression(node)) {
    return node.computed ? [node.object, node.property] : [node.object]
  }
  if (t.isObjectProperty(node)) return node.computed ? [node.key, node.value] : [node.value]
  if (t.isObjectMethod(node)) return node.computed ? [node.key] : []
  if (t.isAssignmentExpression(node)) {
    const target = t.isMemberExpression(node.left) ? operands(node.left) : []
    return [...target, node.right]
  }
  return children(node)
}

/** A function or a class: code that runs at another time. */
export const isClosure = (node: t.Node): node is t.Function | t.Class => t.isFunction(node) || t.isClass(node)

/** Calls `visit` for every node of this function's own code, in source order, closures included but not their insides. */
export const walk = (node: t.Node, visit: (node: t.Node, parents: readonly t.Node[]) => void): void => {
  const parents: t.Node[] = []
  const go = (node: t.Node): void => {
    visit(node, parents)
    if (isClosure(node) && parents.length > 0) return
    parents.push(node)
    for (const child of children(node)) go(child)
    parents.pop()
  }
  go(node)
}

/** Whether the function's own code below `node` has a `yield*`. */
export const yields = (node: t.Node): boolean => {
  if (t.isYieldExpression(node)) return true
  return !isClosure(node) && children(node).some(yields)
}
