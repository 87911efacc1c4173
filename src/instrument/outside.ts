import { type NodePath, types as t } from '@babel/core'
import type { Refuse } from './refuse.js'

const CHANGING = new Set(['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin', 'set', 'add', 'delete', 'clear'])
const CLOCKS: Readonly<Record<string, readonly string[]>> = { Date: ['now'], Math: ['random'], performance: ['now'], crypto: ['randomUUID', 'getRandomValues'] }

/** The clock that a variable is another name of: `now = Date.now`, or `{ random } = Math`. */
const clockOf = ({ id, init }: t.VariableDeclarator, name: string): string | undefined => {
  const asked = (object: t.Node | null | undefined, key: t.Node): string | undefined =>
    (t.isIdentifier(object) && t.isIdentifier(key) && CLOCKS[object.name]?.includes(key.name) ? `${object.name}.${key.name}` : undefined)
  if (t.isIdentifier(id)) return t.isMemberExpression(init) ? asked(init.object, init.property) : undefined
  if (!t.isObjectPattern(id)) return undefined
  const part = id.properties.find((property) => t.isObjectProperty(property) && t.isIdentifier(property.value, { name }))
  return part && t.isObjectProperty(part) ? asked(init, part.key) : undefined
}

/**
 * Refuses what model code, and the functions of the file that it calls, change or ask outside of themselves: it would be there when
 * they are run again, or be another then.
 */
export const checkOutside = (path: NodePath<t.Function>, refuse: Refuse, seen = new Set<t.Node>()): void => {
  if (seen.has(path.node)) return
  seen.add(path.node)
  const within = (other: NodePath): boolean => other === path || other.isDescendant(path)
  /** What is changed when something of this name is: undefined, or how to call it. */
  const outside = (at: NodePath, name: string): string | undefined => {
    const binding = at.scope.getBinding(name)
    if (!binding) return globalThis[name as never] === undefined ? `\`${name}\`` : undefined
    return within(binding.scope.path) ? undefined : `\`${name}\`, which is no variable of the function`
  }
  const root = (node: t.Node): t.Node => (t.isMemberExpression(node) || t.isOptionalMemberExpression(node) ? root(node.object) : node)
  const changed = (at: NodePath, target: t.Node): void => {
    if (t.isMemberExpression(target)) {
      const of = root(target)
      const what = t.isThisExpression(of) && at.getFunctionParent() === path ? 'a field of `this`' : t.isIdentifier(of) ? ofOthers(at, of.name) : undefined
      if (what) refuse(target, `model code changes ${what}`, 'shared state lives in cells: memory.cell(…)')
      return
    }
    for (const name of Object.keys(t.getBindingIdentifiers(target))) {
      const what = outside(at, name)
      if (what) refuse(target, `model code assigns ${what}`, 'shared state lives in cells: memory.cell(…)')
    }
  }
  /** A variable whose fields others see too: one outside, or what was passed. */
  const ofOthers = (at: NodePath, name: string): string | undefined => {
    const binding = at.scope.getBinding(name)
    const passed = binding?.kind === 'param' && binding.scope === path.scope && binding.constantViolations.length === 0 && !binding.path.isRestElement()
    return passed ? `what it was passed, \`${name}\`` : outside(at, name) && `a field of ${outside(at, name)}`
  }
  /** A list, map or set that is made outside. */
  const isCollection = (at: NodePath, name: string): boolean => {
    const init = at.scope.getBinding(name)?.path.isVariableDeclarator() ? (at.scope.getBinding(name)!.path.node as t.VariableDeclarator).init : undefined
    return t.isArrayExpression(init) || (t.isNewExpression(init) && t.isIdentifier(init.callee) && /^(Map|Set|WeakMap|WeakSet|Array)$/.test(init.callee.name))
  }
  const calls = (at: NodePath, callee: t.Node): void => {
    if (t.isIdentifier(callee)) {
      const called = at.scope.getBinding(callee.name)?.path
      const clock = called?.isVariableDeclarator() && clockOf(called.node, callee.name)
      if (clock) refuse(callee, `model code asks ${clock}()`, 'for a choice of the environment there is choose(n)')
      const fn = called?.isVariableDeclarator() ? called.get('init') : called
      if (fn && !Array.isArray(fn) && fn.isFunction() && !fn.node.generator && !within(fn)) checkOutside(fn, refuse, seen)
    }
    if (!t.isMemberExpression(callee) || !t.isIdentifier(callee.object) || !t.isIdentifier(callee.property)) return
    const [object, method] = [callee.object.name, callee.property.name]
    if (CLOCKS[object]?.includes(method) && !at.scope.hasBinding(object, true)) refuse(callee, `model code asks ${object}.${method}()`, 'for a choice of the environment there is choose(n)')
    if (CHANGING.has(method) && outside(at, object) && isCollection(at, object)) {
      refuse(callee, `model code changes ${outside(at, object)}`, 'shared state lives in cells: memory.cell(…)')
    }
  }
  path.traverse({
    AssignmentExpression: (at) => changed(at, at.node.left),
    UpdateExpression: (at) => changed(at, at.node.argument),
    UnaryExpression: (at) => { if (at.node.operator === 'delete') changed(at, at.node.argument) },
    ForXStatement: (at) => { if (!t.isVariableDeclaration(at.node.left)) changed(at, at.node.left) },
    CallExpression: (at) => calls(at, at.node.callee),
    NewExpression: (at) => {
      if (t.isIdentifier(at.node.callee, { name: 'Date' }) && at.node.arguments.length === 0) refuse(at.node, 'model code asks for the time', 'for a choice of the environment there is choose(n)')
    },
  })
}
