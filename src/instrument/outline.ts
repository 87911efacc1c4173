import { parseSync, traverse } from '@babel/core'
import typescriptPlugin from '@babel/plugin-transform-typescript'
import { nameOf } from './functions.js'
import { isModelCode } from './refuse.js'

/** A module in parts: what each function of model code says, and the rest. Comments count for nothing. */
export interface Outline {
  /** By name, as the engine knows them; several of one name are one text. */
  readonly functions: ReadonlyMap<string, string>
  /** All but the functions of model code: imports, constants, declarations, plain functions. */
  readonly rest: string
  /** What it imports, as it is written. */
  readonly imports: readonly string[]
}

interface Range {
  readonly start: number
  readonly end: number
}

const rangeOf = ({ start, end }: { start?: number | null; end?: number | null }): Range => ({ start: start ?? 0, end: end ?? 0 })

/** The text between two places without what lies in these ranges, which are in order. */
function without(code: string, { start, end }: Range, out: readonly Range[]): string {
  let text = ''
  let at = start
  for (const range of out) {
    if (range.start < at || range.end > end) continue
    text += code.slice(at, range.start)
    at = range.end
  }
  return (text + code.slice(at, end)).replaceAll(/\s+/g, ' ')
}

/** Throws what the parser throws. */
export function outlineOf(code: string, filename: string): Outline {
  const ast = parseSync(code, { filename, babelrc: false, configFile: false, parserOpts: { sourceType: 'module' }, plugins: [[typescriptPlugin, { allowDeclareFields: true }]] })!
  const comments = (ast.comments ?? []).map(rangeOf)
  const functions = new Map<string, string>()
  const outermost: Range[] = []
  const imports: string[] = []
  traverse(ast, {
    Function(path) {
      if (!isModelCode(path.node)) return
      const range = rangeOf(path.node)
      const name = nameOf(path)
      functions.set(name, `${functions.get(name) ?? ''}${without(code, range, comments)}\n`)
      if (!outermost.some((outer) => outer.start <= range.start && range.end <= outer.end)) outermost.push(range)
    },
    ImportDeclaration: ({ node }) => void imports.push(node.source.value),
    ExportAllDeclaration: ({ node }) => void imports.push(node.source.value),
    ExportNamedDeclaration: ({ node }) => void (node.source && imports.push(node.source.value)),
  })
  const out = [...comments, ...outermost].toSorted((a, b) => a.start - b.start || b.end - a.end)
  return { functions, rest: without(code, { start: 0, end: code.length }, out), imports }
}
