import { types as t } from '@babel/core'
import { type Locals, THIS } from './locals.js'
import { isClosure, type Names, NONE, operands, union } from './syntax.js'

/**
 * The values that an expression has computed so far while it waits at a `yield*`: `a + (yield* load(x))` holds `a`.
 * A value is given by the variables it was computed from, and by the variables that earlier yields are spilled into.
 */
export class Pending {
  constructor(
    private readonly locals: Locals,
    /** Gives the variable that holds the result of this yield from now on. */
    private readonly spill: (node: t.YieldExpression) => string,
  ) {}

  /** The variables that determine the value of `node`. */
  dependencies(node: t.Node): Names {
    if (t.isIdentifier(node)) return this.locals.read(node.name)
    if (t.isThisExpression(node) || t.isSuper(node)) return new Set([THIS])
    if (t.isYieldExpression(node)) return new Set([this.spill(node)])
    if (isClosure(node)) return this.locals.captured(node)
    if (t.isSequenceExpression(node)) return this.dependencies(node.expressions.at(-1)!)
    if (t.isAssignmentExpression(node)) {
      if (node.operator === '=') return this.dependencies(node.right)
      if (t.isIdentifier(node.left)) return this.locals.read(node.left.name)
    }
    return union(...operands(node).map((part) => this.dependencies(part)))
  }

  /** The operands, evaluated before `child` is, that `parent` still holds while `child` waits. */
  heldBy(parent: t.Node, child: t.Node): t.Node[] {
    if (t.isLogicalExpression(parent) || t.isConditionalExpression(parent) || t.isSequenceExpression(parent)) return []
    const parts = operands(parent)
    const before = parts.slice(0, parts.indexOf(child))
    const reads = t.isAssignmentExpression(parent) && parent.operator !== '=' && child === parent.right
    return reads && t.isIdentifier(parent.left) && !isLogicalAssignment(parent) ? [parent.left] : before
  }

  /** What holds at a yield, given the expressions around it, outermost last. Calls `clash` where a held variable changes. */
  at(node: t.Node, around: readonly t.Node[], clash: (name: string) => void): Names {
    let names: Names = NONE
    let child = node
    for (const parent of around) {
      const held = union(...this.heldBy(parent, child).map((part) => this.dependencies(part)))
      if (held.size > 0) {
        const changed = union(...operands(parent).map((part) => this.locals.assigned(part)))
        for (const name of held) if (changed.has(name)) clash(name)
      }
      names = union(names, held)
      child = parent
    }
    return names
  }
}

export const isLogicalAssignment = (node: t.AssignmentExpression): boolean => /^(\|\||&&|\?\?)=$/.test(node.operator)
