import { type PluginObj, types as t } from '@babel/core'
import { InstrumentError } from './error.js'

/**
 * Refuses imported names that a package does not export. Node would, but not where a TypeScript file does not use them: they may be
 * types, and are taken out with those. `exported`: names, types too, by what the package is imported as.
 */
export const exportedOnly = (exported: Readonly<Record<string, readonly string[]>>, file: string): PluginObj => ({
  name: 'mmrace-exported-only',
  visitor: {
    Program(program) {
      for (const { node } of program.get('body')) {
        const names = t.isImportDeclaration(node) ? exported[node.source.value] : undefined
        if (!names || !t.isImportDeclaration(node)) continue
        for (const part of node.specifiers) {
          if (!t.isImportSpecifier(part)) continue
          const name = t.isIdentifier(part.imported) ? part.imported.name : part.imported.value
          if (names.includes(name)) continue
          const { line, column } = part.loc!.start
          throw new InstrumentError(`${node.source.value} has no ${name}`, file, line, column + 1, undefined, { module: node.source.value, name })
        }
      }
    },
  },
})
