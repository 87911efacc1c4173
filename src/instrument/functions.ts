import { type NodePath, types as t } from '@babel/core'
import type { Plain } from './plain.js'
import { type Refuse, usesThis } from './refuse.js'

export interface FunctionContext {
  readonly refuse: Refuse
  readonly helper: (name: 'info' | 'call' | 'callable' | 'direct' | 'methods') => t.Identifier
  /** What the runtime is told about a function: name, file, line, whether it uses `this`. */
  readonly meta: (node: t.Function, name: string, self: boolean) => t.Expression
}

/**
 * Makes a generator function callable as model code: calling it gives a Call instead of a generator, and in a sequential
 * run what its plain form returns, if it has one.
 */
export const wrapFunction = (path: NodePath<t.Function>, name: string, plain: Plain | undefined, context: FunctionContext): void => {
  const { node } = path
  const meta = context.meta(node, name, usesThis(node))
  const callable = (): t.Expression =>
    t.callExpression(context.helper('callable'), [expression(node as Parameters<typeof expression>[0]), withoutGenerator(plain), meta])
  if (t.isFunctionDeclaration(node)) {
    if (node.id) wrapDeclaration(path as NodePath<t.FunctionDeclaration>, node.id, plain, meta, context)
    else path.replaceWith(callable())
  } else if (t.isFunctionExpression(node)) {
    wrapExpression(path as NodePath<t.FunctionExpression>, callable())
  } else if (t.isObjectMethod(node)) {
    if (path.get('body').isBlockStatement() && hasSuper(path)) {
      context.refuse(node, 'a generator method of an object uses `super`', 'make it a method of a class')
    }
    path.replaceWith(t.inherits(t.objectProperty(node.key, callable(), node.computed), node))
  } else if (t.isClassMethod(node)) {
    wrapMethod(path as NodePath<t.ClassMethod>, plain, meta, context)
  } else {
    context.refuse(node, 'a private method is model code', 'name it without #')
  }
}

const expression = (node: t.FunctionDeclaration | t.ObjectMethod | t.FunctionExpression): t.FunctionExpression => {
  const { params, body } = node
  return t.inherits(t.functionExpression(null, params as t.FunctionExpression['params'], body, true), node)
}

const withoutGenerator = (plain: Plain | undefined): t.Expression =>
  (plain ? t.functionExpression(null, plain.params as t.FunctionExpression['params'], plain.body) : undefinedNode())

const undefinedNode = (): t.Expression => t.unaryExpression('void', t.numericLiteral(0))

const hasSuper = (path: NodePath): boolean => {
  let found = false
  path.traverse({ Super: () => void (found = true), Class: (inner) => inner.skip() })
  return found
}

/** `fInfo?.now?.plain`: what runs in the place of f on the kernel that runs, if something does. */
const plainOfReplacement = (info: t.Identifier): t.Expression =>
  t.optionalMemberExpression(t.optionalMemberExpression(t.cloneNode(info), t.identifier('now'), false, true), t.identifier('plain'), false, true)

/**
 * `function f(a) { return direct.run ? (fInfo?.now?.plain ?? fPlain)(a) : call(fInfo ??= info(_f, fPlain, …), arguments) }`
 * beside `function* _f` and `function fPlain`: all hoist.
 */
const wrapDeclaration = (
  path: NodePath<t.FunctionDeclaration>, id: t.Identifier, plain: Plain | undefined, meta: t.Expression, { helper }: FunctionContext,
): void => {
  const { node } = path
  const [inner, alone, info] = ['', 'Plain', 'Info'].map((end) => path.scope.parent.generateUidIdentifier(`${id.name}${end}`)) as
    [t.Identifier, t.Identifier, t.Identifier]
  const self = usesThis(node)
  const args = self ? t.arrayExpression([t.thisExpression(), t.spreadElement(t.identifier('arguments'))]) : t.identifier('arguments')
  const known = t.assignmentExpression('??=', t.cloneNode(info), t.callExpression(helper('info'), [t.cloneNode(inner), plain ? t.cloneNode(alone) : undefinedNode(), meta]))
  const params = plainParams(path)
  const asIs = self || params.length !== node.params.length
  const now = self ? t.cloneNode(alone) : t.logicalExpression('??', plainOfReplacement(info), t.cloneNode(alone))
  const plainly = asIs
    ? t.callExpression(t.memberExpression(now, t.identifier('apply')), [t.thisExpression(), t.identifier('arguments')])
    : t.callExpression(now, params.map((param) => t.cloneNode(param)))
  const called = t.callExpression(helper('call'), [known, args])
  const either = plain ? t.conditionalExpression(t.memberExpression(helper('direct'), t.identifier('run')), plainly, called) : called
  const wrapper = t.functionDeclaration(id, params, t.blockStatement([t.returnStatement(either)]))
  node.id = inner
  const exported = path.parentPath.isExportDeclaration() ? path.parentPath : undefined
  const scope = (exported ?? path).parentPath!
  const siblings: t.Statement[] = t.isSwitchCase(scope.node) ? scope.node.consequent : (scope.node as t.BlockStatement).body
  const here = siblings.indexOf((exported?.node ?? node) as t.Statement)
  if (exported) (exported.node as t.ExportNamedDeclaration).declaration = wrapper
  else siblings[here] = wrapper
  siblings.splice(here + 1, 0, node)
  if (plain) siblings.splice(here + 2, 0, t.functionDeclaration(alone, plain.params as t.FunctionDeclaration['params'], plain.body))
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

const wrapExpression = (path: NodePath<t.FunctionExpression>, wrapped: t.Expression): void => {
  const { id } = path.node
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
const wrapMethod = (path: NodePath<t.ClassMethod>, plain: Plain | undefined, meta: t.Expression, { helper, refuse }: FunctionContext): void => {
  const { node } = path
  const key = t.isIdentifier(node.key) ? node.key.name : t.isStringLiteral(node.key) ? node.key.value : undefined
  if (node.computed || key === undefined) return refuse(node, 'a method with a computed name is model code', 'give it a plain name')
  const target = node.static ? t.thisExpression() : t.memberExpression(t.thisExpression(), t.identifier('prototype'))
  const alone = `plain ${key}`
  const metas = t.objectExpression([t.objectProperty(t.stringLiteral(key), t.arrayExpression([t.stringLiteral(alone), meta]))])
  const members = (path.parent as t.ClassBody).body
  if (plain) members.push(t.classMethod('method', t.stringLiteral(alone), plain.params as t.ClassMethod['params'], plain.body, false, node.static))
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
