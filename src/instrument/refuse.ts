import { types as t } from '@babel/core'
import { children, isClosure, walk, yields } from './syntax.js'

export type Refuse = (node: t.Node, problem: string, hint: string) => never

/** Whether the function's own code, or an arrow function in it, has the `this` of the function. */
export const usesThis = (node: t.Node, top = true): boolean => {
  if (t.isThisExpression(node) || t.isSuper(node)) return true
  if (!top && isClosure(node) && !t.isArrowFunctionExpression(node)) return false
  return children(node).some((child) => usesThis(child, false))
}

/** Whether this is model code: a generator function that yields in no other way than with `yield*`, if at all. */
export const isModelCode = (node: t.Function): boolean => {
  if (!node.generator || node.async) return false
  let bare = false
  walk(node, (inner) => void (bare ||= t.isYieldExpression(inner) && !inner.delegate))
  return !bare
}

/** Refuses what hides state from the transform. */
export const checkModelCode = (fn: t.Function, refuse: Refuse): void => {
  walk(fn, (node) => {
    if (node !== fn && t.isFunction(node) && isModelCode(node)) {
      refuse(node, 'model code makes a generator function while it runs', 'move it out and pass it what it needs')
    }
    if (t.isIdentifier(node) && node.name === 'arguments') {
      refuse(node, 'model code uses `arguments`', 'name the parameters, or use a rest parameter')
    }
    if (t.isCallExpression(node) && t.isIdentifier(node.callee, { name: 'eval' })) {
      refuse(node, 'model code uses `eval`', 'write the code out')
    }
    if (t.isClass(node) && children(node.body).some((member) => t.isClassMethod(member) && member.computed && yields(member.key))) {
      refuse(node, 'a class made by model code has a step in it', 'declare the class outside')
    }
    if (t.isYieldExpression(node) && t.isLogicalExpression(node.argument)) {
      refuse(node, `a step is chosen with \`${node.argument.operator}\``, 'write a conditional: a result may be like no step at all')
    }
    if (t.isForXStatement(node) && yields(node.left)) {
      refuse(node.left, 'a loop assigns its items to what a step gives', 'take the step in the body of the loop')
    }
    if (t.isForOfStatement(node) && node.await) refuse(node, 'model code awaits', 'model code is synchronous')
    if (t.isSwitchCase(node) && node.test && yields(node.test)) {
      refuse(node.test, 'a `case` has a step in its test', 'take the step before the switch')
    }
    if (t.isPattern(node) && Object.values(t.getBindingIdentifiers(node, true)).some((ids) => ids.length > 1)) {
      refuse(node, 'a destructuring pattern assigns a variable twice', 'assign it once')
    }
    if (t.isPattern(node) && yields(node)) {
      refuse(node, 'a destructuring pattern has a step in it', 'take the step before')
    }
  })
}
