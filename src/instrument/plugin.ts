import { type NodePath, type PluginObj, types as t } from '@babel/core'
import { nameOf, wrapFunction } from './functions.js'
import { InstrumentError } from './error.js'
import { isModelCode } from './refuse.js'
import { instrumentYields } from './yields.js'

export interface PluginOptions {
  /** The module that model code takes its helpers from: engine/model/at. */
  readonly runtime: string
  readonly code: string
  /** What sites and errors call the file, and where a 1-based line and column of the code are in it. */
  readonly origin: (line: number, column: number) => { file: string; line: number; column: number }
}

const LONGEST_TEXT = 80

/** Babel plugin: generator functions of model code get frames of their own, and their `yield*` tell their state. */
export const plugin = (options: PluginOptions): PluginObj => ({
  name: 'mmrace',
  visitor: { Program: { exit: (program) => void instrumentProgram(program, options) } },
})

const instrumentProgram = (program: NodePath<t.Program>, { runtime, code, origin }: PluginOptions): void => {
  program.scope.crawl()
  const imports = new Map<string, t.Identifier>()
  const sites: t.VariableDeclarator[] = []
  const helper = (name: string): t.Identifier => {
    const id = imports.get(name) ?? program.scope.generateUidIdentifier(name)
    imports.set(name, id)
    return t.cloneNode(id)
  }
  const where = (node: t.Node): ReturnType<typeof origin> =>
    origin(node.loc?.start.line ?? 1, (node.loc?.start.column ?? 0) + 1)
  const refuse = (node: t.Node, problem: string, hint: string): never => {
    const { file, line, column } = where(node)
    throw new InstrumentError(problem, file, line, column, hint)
  }
  const meta = (node: t.Node, name: string, self: boolean): t.Expression => {
    const { file, line } = where(node)
    return t.valueToNode([name, file, line, self])
  }

  for (const path of modelFunctions(program)) {
    const name = nameOf(path)
    const site = (node: t.YieldExpression, tail: boolean): t.Expression => {
      const id = program.scope.generateUidIdentifier('site')
      const text = code.slice(node.argument?.start ?? 0, node.argument?.end ?? 0).replaceAll(/\s+/g, ' ')
      const short = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text
      const { file, line, column } = where(node)
      const parts = [file, line, column, name, short, tail].map((part) => t.valueToNode(part))
      sites.push(t.variableDeclarator(id, t.callExpression(helper('site'), parts)))
      return t.cloneNode(id)
    }
    instrumentYields(path, { refuse, helper, site })
    wrapFunction(path, name, { refuse, helper, meta })
  }
  if (imports.size === 0) return
  const specifiers = [...imports].map(([name, id]) => t.importSpecifier(id, t.identifier(name)))
  program.unshiftContainer('body', [
    t.importDeclaration(specifiers, t.stringLiteral(runtime)),
    ...(sites.length > 0 ? [t.variableDeclaration('const', sites)] : []),
  ])
}

const modelFunctions = (program: NodePath<t.Program>): NodePath<t.Function>[] => {
  const found: NodePath<t.Function>[] = []
  program.traverse({ Function: (path) => void (isModelCode(path.node) && found.push(path)) })
  return found
}
