import { type NodePath, types as t } from '@babel/core'

/** Where a call is in the source: given before the transform, when calls are where they were written. */
type Place = (call: t.CallExpression) => string

/** Kept with a node when it is copied. */
const MARK = 'mmrace call'

/** What the package is imported as. */
const PACKAGE = /^mmrace(\/|$)/

/**
 * Finds the calls in a user's file that may be of functions of this package: of what is imported, or was passed, and of methods
 * of what `setup` gets. Not of the file's own functions, nor of methods in model code, which are those of lists.
 */
export const findCalls = (program: NodePath<t.Program>, place: Place): void => {
  program.traverse({
    CallExpression(path) {
      const { callee } = path.node
      if (t.isIdentifier(callee) ? mayBeOurs(path, callee.name) : isMethodOfOurs(path, callee)) {
        path.node.extra = { ...path.node.extra, [MARK]: place(path.node) }
      }
    },
  })
}

const bindingOf = ({ scope }: NodePath, name: string) => scope.getBinding(name)?.path

const isImported = (path: NodePath, name: string): boolean => {
  const declaration = bindingOf(path, name)?.parentPath
  return declaration?.isImportDeclaration() === true && PACKAGE.test(declaration.node.source.value)
}

const mayBeOurs = (path: NodePath, name: string): boolean => {
  const binding = bindingOf(path, name)
  if (!binding || binding.isFunctionDeclaration() || binding.isClassDeclaration()) return false
  if (binding.parentPath?.isImportDeclaration()) return isImported(path, name)
  return !(binding.isVariableDeclarator() && t.isFunction(binding.node.init))
}

const isMethodOfOurs = (path: NodePath<t.CallExpression>, callee: t.Node): boolean => {
  if (!t.isMemberExpression(callee) || callee.computed || !t.isIdentifier(callee.object) || !t.isIdentifier(callee.property)) return false
  if (bindingOf(path, callee.object.name)?.isImportNamespaceSpecifier()) return isImported(path, callee.object.name)
  return path.findParent((parent) => parent.isFunction() && parent.node.generator === true) === null
}

/** `f(a, b)` becomes `f(...fits(f, [a, b], place))`, after the rest of the transform: that it looks changes nothing. */
export const checkCalls = (program: NodePath<t.Program>, fits: () => t.Identifier): void => {
  program.traverse({
    CallExpression({ node }) {
      const place = node.extra?.[MARK]
      if (typeof place !== 'string') return
      delete node.extra![MARK]
      const list = t.arrayExpression(node.arguments as (t.Expression | t.SpreadElement)[])
      node.arguments = [t.spreadElement(t.callExpression(fits(), [t.cloneNode(node.callee as t.Expression), list, t.stringLiteral(place)]))]
    },
  })
}
