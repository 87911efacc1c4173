import { type NodePath, types as t } from '@babel/core'
import { children, isClosure, type Names, NONE, operands, union, walk } from './syntax.js'

/** The name under which `this` is kept in sets of names. */
export const THIS = 'this'

/**
 * The variables of one generator function: its own, and those of functions around it that it reads. Every one has a
 * name of its own (see uniqueNames), so that sets of names are sets of variables.
 */
export class Locals {
  private readonly tracked: Set<string>
  /** Variables that never hold anything but one closure: reading them is reading what the closure captured. */
  private readonly closures = new Map<string, t.Node>()

  constructor(path: NodePath<t.Function>) {
    this.tracked = trackedNames(path)
    walk(path.node, (node) => {
      if (t.isFunctionDeclaration(node) && node.id && node !== path.node) this.closures.set(node.id.name, node)
      if (!t.isVariableDeclaration(node) || node.kind !== 'const') return
      for (const { id, init } of node.declarations) {
        if (t.isIdentifier(id) && t.isFunction(init)) this.closures.set(id.name, init)
      }
    })
  }

  /** Adds a variable that the transform itself made. */
  add(name: string): void {
    this.tracked.add(name)
  }

  /** The variables whose values a read of `name` depends on. */
  read(name: string): Names {
    const closure = this.closures.get(name)
    if (closure) return this.captured(closure)
    return this.tracked.has(name) ? new Set([name]) : NONE
  }

  /** The variables that a closure or class may read or write when it runs. */
  captured(closure: t.Node): Names {
    return this.mentioned(closure, new Set())
  }

  private mentioned(node: t.Node, seen: Set<t.Node>): Names {
    if (seen.has(node)) return NONE
    seen.add(node)
    if (t.isThisExpression(node) || t.isSuper(node)) return new Set([THIS])
    if (t.isIdentifier(node)) {
      const closure = this.closures.get(node.name)
      if (closure) return this.mentioned(closure, seen)
      return this.tracked.has(node.name) ? new Set([node.name]) : NONE
    }
    const parts = isClosure(node) ? children(node) : t.isAssignmentExpression(node) ? [node.left, node.right] : operands(node)
    return union(...parts.map((part) => this.mentioned(part, seen)))
  }

  /** The variables assigned somewhere below `node`, in closures too. */
  assigned(node: t.Node): Names {
    const names = new Set<string>()
    const go = (node: t.Node): void => {
      if (t.isAssignmentExpression(node)) for (const name of Object.keys(t.getBindingIdentifiers(node.left))) names.add(name)
      if (t.isUpdateExpression(node) && t.isIdentifier(node.argument)) names.add(node.argument.name)
      if (t.isForXStatement(node) && !t.isVariableDeclaration(node.left)) for (const name of Object.keys(t.getBindingIdentifiers(node.left))) names.add(name)
      const closure = t.isIdentifier(node) ? this.closures.get(node.name) : undefined
      if (closure && !seen.has(closure)) {
        seen.add(closure)
        go(closure)
      }
      const parts = isClosure(node) ? children(node) : t.isAssignmentExpression(node) ? [node.left, node.right] : operands(node)
      for (const part of parts) go(part)
    }
    const seen = new Set<t.Node>()
    go(node)
    return names
  }
}

const trackedNames = (path: NodePath<t.Function>): Set<string> => {
  const names = new Set<string>()
  const program = path.scope.getProgramParent()
  const within = (other: NodePath): boolean => other === path || other.isDescendant(path)
  path.traverse({
    Identifier(identifier) {
      const { name } = identifier.node
      const binding = identifier.scope.getBinding(name)
      if (!binding || binding.scope === program) return
      const own = within(binding.scope.path)
      if (own ? binding.scope.getFunctionParent() === path.scope : identifier.isReferencedIdentifier()) names.add(name)
    },
  })
  if (t.isFunctionExpression(path.node) && path.node.id) names.delete(path.node.id.name)
  return names
}

/**
 * Renames variables of the function so that no two of it, and none of it and one around it, share a name. A name that
 * is reported where another variable of that name is in scope would report the wrong one.
 */
export const uniqueNames = (path: NodePath<t.Function>): void => {
  const taken = new Set<string>()
  const scopes = new Set([path.scope])
  path.traverse({ Scopable: ({ scope }) => void scopes.add(scope) })
  for (const scope of scopes) {
    for (const [name, binding] of Object.entries(scope.bindings)) {
      if (binding.kind === 'local') continue
      if (taken.has(name) || scope.parent.hasBinding(name, true)) {
        const unique = scope.generateUid(name)
        scope.rename(name, unique)
        taken.add(unique)
      } else {
        taken.add(name)
      }
    }
  }
}
