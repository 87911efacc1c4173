import { type NodePath, type PluginObj, types as t } from '@babel/core'
import { Arms } from './arms.js'
import { checkCalls, findCalls } from './checked-calls.js'
import { nameOf, wrapFunction } from './functions.js'
import { InstrumentError } from './error.js'
import { plainForm } from './plain.js'
import { isModelCode } from './refuse.js'
import { guardUntaken } from './untaken.js'
import { instrumentYields } from './yields.js'

export interface Position {
  readonly line: number
  readonly column: number
}

export interface PluginOptions {
  /** The module that model code takes its helpers from: engine/model/at. */
  readonly runtime: string
  /** What sites and errors call the file. */
  readonly file: string
  /** Without plain forms, and without notes of what was entered. */
  readonly steps: boolean
  /** A user's file: steps that are made and not taken are found when it runs. */
  readonly user: boolean
  /** The module of `fits`, which looks at what functions of the package are given. */
  readonly checker: string | undefined
  /** Where a 1-based line and column of the code are in the file. */
  readonly origin: (line: number, column: number) => Position
}

/** Babel plugin: generator functions of model code get frames of their own, and their `yield*` tell their state. */
export const plugin = (options: PluginOptions): PluginObj => ({
  name: 'mmrace',
  visitor: { Program: { exit: (program) => void instrumentProgram(program, options) } },
})

const instrumentProgram = (program: NodePath<t.Program>, { runtime, file, origin, steps, user, checker }: PluginOptions): void => {
  program.scope.crawl()
  const imports = new Map<string, t.Identifier>()
  const helper = (name: string): t.Identifier => {
    const id = imports.get(name) ?? program.scope.generateUidIdentifier(name)
    imports.set(name, id)
    return t.cloneNode(id)
  }
  const where = (node: t.Node): Position =>
    origin(node.loc?.start.line ?? 1, (node.loc?.start.column ?? 0) + 1)
  const refuse = (node: t.Node, problem: string, hint: string): never => {
    const { line, column } = where(node)
    throw new InstrumentError(problem, file, line, column, hint)
  }
  const meta = (node: t.Node, name: string, self: boolean): t.Expression =>
    t.valueToNode([name, file, where(node).line, self])
  const place = (call: t.CallExpression): string => {
    const { line, column } = where(call)
    return `${file}:${line}:${column}: ${calleeOf(call)}()`
  }
  if (checker !== undefined) findCalls(program, place)
  if (user) guardUntaken(program, (value) => t.callExpression(helper('taken'), [value, t.stringLiteral(place(value))]))
  const siteOf = program.scope.generateUidIdentifier('siteOf')
  const entered = program.scope.generateUidIdentifier('entered')
  const arms = new Arms(
    (number) => t.assignmentExpression('=', t.memberExpression(t.cloneNode(entered), t.numericLiteral(number), true), t.numericLiteral(1)),
    (node) => where(node).line,
  )
  let sited = false

  const functions = modelFunctions(program).map((path) => ({ path, node: path.node, name: nameOf(path) }))
  for (const { path, name } of functions) {
    const site = (node: t.YieldExpression, tail: boolean): t.Expression => {
      const { line, column } = where(node)
      sited = true
      return t.callExpression(t.cloneNode(siteOf), [line, column, ...(tail ? [tail] : [])].map((part) => t.valueToNode(part)))
    }
    const plain = steps ? undefined : plainForm(path, () => helper('settled'))
    instrumentYields(path, { refuse, helper, site })
    wrapFunction(path, name, plain, { refuse, helper, meta })
  }
  if (!steps) for (const { node, name } of functions) arms.mark(node, name)
  if (arms.any) {
    const [places, count] = arms.told
    const list = t.variableDeclarator(entered, t.callExpression(helper('armsOf'), [file, places, count].map((part) => t.valueToNode(part))))
    program.unshiftContainer('body', t.variableDeclaration('const', [list]))
  }
  if (sited) {
    const sites = t.variableDeclarator(siteOf, t.callExpression(helper('sitesOf'), [t.stringLiteral(file)]))
    program.unshiftContainer('body', t.variableDeclaration('const', [sites]))
  }
  if (checker !== undefined) {
    const fits = program.scope.generateUidIdentifier('fits')
    checkCalls(program, () => t.cloneNode(fits))
    program.unshiftContainer('body', t.importDeclaration([t.importSpecifier(fits, t.identifier('fits'))], t.stringLiteral(checker)))
  }
  if (imports.size === 0) return
  const specifiers = [...imports].map(([name, id]) => t.importSpecifier(id, t.identifier(name)))
  program.unshiftContainer('body', t.importDeclaration(specifiers, t.stringLiteral(runtime)))
}

/** What is called, as the source writes it. */
const calleeOf = ({ callee }: t.CallExpression): string => {
  if (t.isIdentifier(callee)) return callee.name
  return t.isMemberExpression(callee) && t.isIdentifier(callee.property) ? callee.property.name : 'a function'
}

const modelFunctions = (program: NodePath<t.Program>): NodePath<t.Function>[] => {
  const found: NodePath<t.Function>[] = []
  program.traverse({ Function: (path) => void (isModelCode(path.node) && found.push(path)) })
  return found
}
