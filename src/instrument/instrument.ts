import { SourceMap, type SourceMapPayload } from 'node:module'
import path from 'node:path'
import { transformSync } from '@babel/core'
import typescriptPlugin from '@babel/plugin-transform-typescript'
import { InstrumentError } from './error.js'
import { exportedOnly } from './exported-only.js'
import { plugin, type Position } from './plugin.js'

export interface InstrumentOptions {
  /** Absolute. */
  readonly filename: string
  /** Whether types are to be taken out as well. */
  readonly typescript: boolean
  /** The module specifier of engine/model/at as seen from the file. */
  readonly runtime: string
  /** What sites and errors call the file. */
  readonly displayName?: string
  /** For searches only: without the plain forms, for which a sequential run then goes step by step. */
  readonly steps?: boolean
  /** A user's file, which is not type-checked: what is wrong in it is looked for when it runs. */
  readonly user?: boolean
  /** What modules export, types too, by what they are imported as: other names are refused. */
  readonly exported?: Readonly<Record<string, readonly string[]>> | undefined
  /** The module of `fits`, which looks at what functions of the package are given. */
  readonly checker?: string | undefined
  /** Where the code came from, when it was compiled before. */
  readonly inputSourceMap?: SourceMapPayload
}

export interface Instrumented {
  readonly code: string
  readonly map: SourceMapPayload
}

/** Instruments one module of model code. Throws InstrumentError for what it cannot parse or has to refuse. */
export const instrument = (code: string, options: InstrumentOptions): Instrumented => {
  const { filename, typescript, runtime, displayName = filename, steps = false, user = false, exported, checker, inputSourceMap } = options
  const compiled = inputSourceMap && new SourceMap(inputSourceMap)
  const origin = (line: number, column: number): Position => {
    const entry = compiled?.findEntry(line - 1, column - 1)
    if (!entry || !('originalLine' in entry)) return { line, column }
    return { line: entry.originalLine + 1, column: entry.originalColumn + 1 }
  }
  try {
    const result = transformSync(code, {
      filename,
      babelrc: false,
      configFile: false,
      sourceMaps: true,
      ...(inputSourceMap && { inputSourceMap }),
      parserOpts: { sourceType: 'module' },
      plugins: [
        ...(exported ? [exportedOnly(exported, displayName)] : []),
        ...(typescript ? [[typescriptPlugin, { allowDeclareFields: true }]] : []),
        plugin({ runtime, file: displayName, origin, steps, user, checker }),
      ],
    })
    return { code: result!.code!, map: result!.map as unknown as SourceMapPayload }
  } catch (error) {
    throw asInstrumentError(error, displayName)
  }
}

const asInstrumentError = (error: unknown, file: string): unknown => {
  // Babel puts the path of the file before every message.
  if (error instanceof InstrumentError) {
    return new InstrumentError(error.problem, error.file, error.line, error.column, error.hint, error.missing)
  }
  if (!(error instanceof SyntaxError) || !('loc' in error)) return error
  const { line, column } = error.loc as { line: number; column: number }
  const problem = error.message.split('\n')[0]!.replace(/^.*?: /, '').replace(/ \(\d+:\d+\)$/, '')
  return new InstrumentError(problem, file, line, column + 1)
}

/** The code with its map in a comment, for whoever keeps no files. */
export const withInlineMap = ({ code, map }: Instrumented): string => {
  const data = Buffer.from(JSON.stringify(map)).toString('base64')
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${data}\n`
}

export const isTypeScript = (file: string): boolean => /\.[mc]?tsx?$/.test(path.basename(file))
