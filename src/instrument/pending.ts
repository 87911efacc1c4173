import { types as t } from '@babel/core'
import { type Locals, THIS } from './locals.js'
import { children, isClosure, type Names, NONE, operands, union } from './syntax.js'

/**
 * The values that an expression has computed so far while it waits at a `yield*`: `a + (yield* load(x))` holds `a`.
 * A value is given by the variables it was computed from, and, where something may have changed since, by a variable
 * that it is put into.
 */
export class Pending {
  constructor(
    private readonly locals: Locals,
    /** Gives the variable that holds the value of this expression from now on. */
    private readonly spill: (node: t.Expression) => string,
  ) {}

  /** The variables that determine the value of `node`; `changing`: what its parts are read from may change before it is used. */
  dependencies(node: t.Node, changing = false): Names {
    const go = (node: t.Node, inChain = false): Names => {
      if (t.isIdentifier(node)) return this.locals.read(node.name)
      if (t.isThisExpression(node) || t.isSuper(node)) return new Set([THIS])
      if (t.isYieldExpression(node)) return new Set([this.spill(node)])
      if (isClosure(node)) return this.locals.captured(node)
      if (t.isSequenceExpression(node)) return go(node.expressions.at(-1)!)
      if (t.isAssignmentExpression(node)) {
        if (node.operator === '=') return go(node.right)
        if (t.isIdentifier(node.left)) return this.locals.read(node.left.name)
      }
      const chain = t.isOptionalMemberExpression(node) || t.isOptionalCallExpression(node)
      const read = union(...values(node).map((part, i) => go(part, chain && i === 0)))
      return !inChain && mayChange(node, changing) ? union(read, new Set([this.spill(node as t.Expression)])) : read
    }
    return t.isSpreadElement(node) && changing ? union(go(node), new Set([this.spill(spread(node))])) : go(node)
  }

  /** What determines the step or call that `node`, the operand of a `yield*`, makes. */
  made(node: t.Node): Names {
    if (t.isConditionalExpression(node)) return union(this.dependencies(node.test, true), this.made(node.consequent), this.made(node.alternate))
    if (t.isSequenceExpression(node)) return this.made(node.expressions.at(-1)!)
    if (!isCall(node)) return this.dependencies(node)
    const parts = values(node)
    const changing = parts.some(changes)
    return union(...parts.map((part) => this.dependencies(part, changing)))
  }

  /** The operands, evaluated before `child` is, that `parent` still holds while `child` waits. */
  heldBy(parent: t.Node, child: t.Node): t.Node[] {
    if (t.isLogicalExpression(parent) || t.isConditionalExpression(parent) || t.isSequenceExpression(parent)) return []
    if (t.isAssignmentExpression(parent) && isRead(parent) && t.isIdentifier(parent.left)) return [parent.left]
    const parts = values(parent)
    return parts.slice(0, Math.max(0, parts.indexOf(child)))
  }

  /** What holds at a yield, given the expressions around it, outermost last. Calls `clash` where a held variable changes. */
  at(node: t.Node, around: readonly t.Node[], clash: (name: string) => void): Names {
    let names: Names = NONE
    let child = node
    for (const parent of around) {
      const changing = operands(parent).some(changes)
      const held = union(...this.heldBy(parent, child).map((part) => this.dependencies(part, changing)))
      if (held.size > 0) {
        const changed = union(...operands(parent).map((part) => this.locals.assigned(part)))
        for (const name of held) if (changed.has(name)) clash(name)
      }
      if (t.isAssignmentExpression(parent) && isRead(parent) && t.isMemberExpression(parent.left) && changes(parent.right)) clash('the old value')
      names = union(names, held)
      child = parent
    }
    return names
  }
}

/** Whether the old value of what is assigned is read before the right side is evaluated. */
const isRead = (node: t.AssignmentExpression): boolean => node.operator !== '=' && !isLogicalAssignment(node)

/** What a spread element gives, as an expression: a copy, made where the element stands. */
const spread = (node: t.SpreadElement): t.Expression => {
  if (!copies.has(node)) {
    copies.add(node)
    node.argument = t.arrayExpression([t.spreadElement(node.argument)])
  }
  return node.argument
}
const copies = new WeakSet<t.SpreadElement>()

/** The operands of `node` that can be put into variables: not a method or property, which is called or changed where it is. */
const values = (node: t.Node): t.Node[] => {
  const [first, ...rest] = operands(node)
  const inPlace = isCall(node) || t.isUpdateExpression(node) || t.isUnaryExpression(node, { operator: 'delete' })
  return first && inPlace && t.isMemberExpression(first) ? [...operands(first), ...rest] : operands(node)
}

const isCall = (node: t.Node): boolean =>
  t.isCallExpression(node) || t.isOptionalCallExpression(node) || t.isNewExpression(node) || t.isTaggedTemplateExpression(node)

const isReading = (node: t.Node): boolean =>
  t.isMemberExpression(node) || t.isOptionalMemberExpression(node) || t.isArrayExpression(node) || t.isObjectExpression(node)

/** Whether the value of `node` may be another one later, with all variables as they are. */
const mayChange = (node: t.Node, changing: boolean): boolean =>
  isCall(node) || t.isUpdateExpression(node) || t.isAssignmentExpression(node) || (changing && isReading(node))

/** Whether evaluating `node` may change what can be read through a variable. Making a step changes nothing. */
const changes = (node: t.Node): boolean => {
  if (isClosure(node)) return false
  if (t.isYieldExpression(node)) return t.isCallExpression(node.argument) ? operands(node.argument).some(changes) : changes(node.argument!)
  const here = isCall(node) || t.isUnaryExpression(node, { operator: 'delete' })
    || (t.isAssignmentExpression(node) && t.isMemberExpression(node.left)) || (t.isUpdateExpression(node) && t.isMemberExpression(node.argument))
  return here || children(node).some(changes)
}

export const isLogicalAssignment = (node: t.AssignmentExpression): boolean => /^(\|\||&&|\?\?)=$/.test(node.operator)
