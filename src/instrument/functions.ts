import { type NodePath, types as t } from '@babel/core'
import { type Refuse, usesThis } from './refuse.js'

export interface FunctionContext {
  readonly refuse: Refuse
  readonly helper: (name: 'info' | 'call' | 'callable' | 'direct' | 'methods') => t.Identifier
  /** What the runtime is told about a function: name, file, line, whether it uses `this`. */
  readonly meta: (node: t.Function, name: string, self: boolean) => t.Expression
}

/** Makes a generator function callable as model code: calling it gives a Call instead of a generator. */
export const wrapFunction = (path: NodePath<t.Function>, name: string, context: FunctionContext): void => {
  const { node } = path
  const meta = (): t.Expression => context.meta(node, name, usesThis(node))
  if (t.isFunctionDeclaration(node)) {
    if (node.id) wrapDeclaration(path as NodePath<t.FunctionDeclaration>, node.id, meta(), context)
    else path.replaceWith(t.callExpression(context.helper('callable'), [expression(node), meta()]))
  } else if (t.isFunctionExpression(node)) {
    wrapExpression(path as NodePath<t.FunctionExpression>, meta(), context)
  } else if (t.isObjectMethod(node)) {
    if (path.get('body').isBlockStatement() && hasSuper(path)) {
      context.refuse(node, 'a generator method of an object uses `super`', 'make it a method of a class')
    }
    const value = t.callExpression(context.helper('callable'), [expression(node), meta()])
    path.replaceWith(t.inherits(t.objectProperty(node.key, value, node.computed), node))
  } else if (t.isClassMethod(node)) {
    wrapMethod(path as NodePath<t.ClassMethod>, meta(), context)
  } else {
    context.refuse(node, 'a private method is model code', 'name it without #')
  }
}

const expression = (node: t.FunctionDeclaration | t.ObjectMethod | t.FunctionExpression): t.FunctionExpression => {
  const { params, body } = node
  return t.inherits(t.functionExpression(null, params as t.FunctionExpression['params'], body, true), node)
}

const hasSuper = (path: NodePath): boolean => {
  let found = false
  path.traverse({ Super: () => void (found = true), Class: (inner) => inner.skip() })
  return found
}

/** `function f(a) { return direct.run ? _f(a) : call(fInfo ??= info(_f, …), arguments) }` beside `function* _f`: both hoist. */
const wrapDeclaration = (
  path: NodePath<t.FunctionDeclaration>, id: t.Identifier, meta: t.Expression, { helper }: FunctionContext,
): void => {
  const { node } = path
  const inner = path.scope.parent.generateUidIdentifier(id.name)
  const info = path.scope.parent.generateUidIdentifier(`${id.name}Info`)
  const args = usesThis(node)
    ? t.arrayExpression([t.thisExpression(), t.spreadElement(t.identifier('arguments'))])
    : t.identifier('arguments')
  const known = t.assignmentExpression('??=', t.cloneNode(info), t.callExpression(helper('info'), [t.cloneNode(inner), meta]))
  const params = plainParams(path)
  const called = t.callExpression(helper('call'), [known, args])
  const alone = t.callExpression(t.cloneNode(inner), params.map((param) => t.cloneNode(param)))
  const asIs = usesThis(node) || params.length !== node.params.length || node.params.some((param) => t.isRestElement(param))
  const either = t.conditionalExpression(t.memberExpression(helper('direct'), t.identifier('run')), alone, called)
  const wrapper = t.functionDeclaration(id, params, t.blockStatement([t.returnStatement(asIs ? called : either)]))
  node.id = inner
  const exported = path.parentPath.isExportDeclaration() ? path.parentPath : undefined
  const scope = (exported ?? path).parentPath!
  const siblings: t.Statement[] = t.isSwitchCase(scope.node) ? scope.node.consequent : (scope.node as t.BlockStatement).body
  const here = siblings.indexOf((exported?.node ?? node) as t.Statement)
  if (exported) (exported.node as t.ExportNamedDeclaration).declaration = wrapper
  else siblings[here] = wrapper
  siblings.splice(here + 1, 0, node)
  const declare = (kind: 'let' | 'var'): t.Statement => t.variableDeclaration(kind, [t.variableDeclarator(info)])
  if (scope.isProgram() || scope.parentPath!.isFunction()) siblings.push(declare('var'))
  else siblings.unshift(declare('let'))
}

/** As many parameters as `length` says the function has. */
const plainParams = (path: NodePath<t.FunctionDeclaration>): t.Identifier[] => {
  const { params } = path.node
  const end = params.findIndex((param) => t.isAssignmentPattern(param) || t.isRestElement(param))
  return params.slice(0, end < 0 ? params.length : end).map((param, i) =>
    path.scope.generateUidIdentifier(t.isIdentifier(param) ? param.name : `arg${i}`))
}

const wrapExpression = (
  path: NodePath<t.FunctionExpression>, meta: t.Expression, { helper }: FunctionContext,
): void => {
  const { node } = path
  const { id } = node
  const wrapped = t.callExpression(helper('callable'), [expression(node), meta])
  if (!id || !path.scope.getOwnBinding(id.name)?.referenced) {
    path.replaceWith(wrapped)
    return
  }
  // Its name within itself is the callable too.
  path.replaceWith(t.callExpression(t.arrowFunctionExpression([], t.blockStatement([
    t.variableDeclaration('const', [t.variableDeclarator(id, wrapped)]),
    t.returnStatement(t.cloneNode(id)),
  ])), []))
}

/** Methods keep their place, for `super`; a static block wraps them when the class is made. */
const wrapMethod = (path: NodePath<t.ClassMethod>, meta: t.Expression, { helper, refuse }: FunctionContext): void => {
  const { node } = path
  const key = t.isIdentifier(node.key) ? node.key.name : t.isStringLiteral(node.key) ? node.key.value : undefined
  if (node.computed || key === undefined) return refuse(node, 'a method with a computed name is model code', 'give it a plain name')
  const target = node.static ? t.thisExpression() : t.memberExpression(t.thisExpression(), t.identifier('prototype'))
  const metas = t.objectExpression([t.objectProperty(t.stringLiteral(key), meta)])
  const members = (path.parent as t.ClassBody).body
  members.unshift(t.staticBlock([t.expressionStatement(t.callExpression(helper('methods'), [target, metas]))]))
}

/** The name that JavaScript gives the function; that of what a call makes, if it is the argument of one. */
export const nameOf = (path: NodePath<t.Function>): string => {
  const { node } = path
  if (t.isFunctionDeclaration(node)) return node.id?.name ?? 'default'
  if (t.isFunctionExpression(node)) return node.id ? node.id.name : nameOfPlace(path)
  return t.isObjectMethod(node) || t.isClassMethod(node) ? text(node.key) : 'anonymous'
}

const nameOfPlace = ({ parent, parentPath }: NodePath): string => {
  if (t.isVariableDeclarator(parent)) return text(parent.id)
  if (t.isAssignmentExpression(parent)) return text(parent.left)
  if (t.isObjectProperty(parent) || t.isClassProperty(parent)) return text(parent.key)
  if (t.isExportDefaultDeclaration(parent)) return 'default'
  return t.isCallExpression(parent) && parentPath ? nameOfPlace(parentPath) : 'anonymous'
}

const text = (key: t.Node): string => {
  if (t.isIdentifier(key)) return key.name
  if (t.isStringLiteral(key) || t.isNumericLiteral(key)) return String(key.value)
  return t.isMemberExpression(key) ? text(key.property) : 'anonymous'
}
