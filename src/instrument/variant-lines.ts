import { parseSync, traverse, types as t } from '@babel/core'
import typescriptPlugin from '@babel/plugin-transform-typescript'

const keyOf = (key: t.Node): string | undefined => (t.isIdentifier(key) ? key.name : t.isStringLiteral(key) ? key.value : undefined)

/**
 * On which lines of a race file its variants are declared, as far as they are written out there; where they come from elsewhere, the line
 * of `race(…)` stands for all. Lines count from 1.
 */
export function variantLines(code: string, filename: string): (variant: string) => number {
  const lines = new Map<string, number>()
  let call = 1
  const ast = parseSync(code, { filename, babelrc: false, configFile: false, parserOpts: { sourceType: 'module' }, plugins: [[typescriptPlugin, {}]] })
  if (!ast) return () => call
  traverse(ast, {
    CallExpression({ node }) {
      if (t.isIdentifier(node.callee, { name: 'race' })) call = node.loc?.start.line ?? call
    },
    ObjectProperty({ node }) {
      if (keyOf(node.key) !== 'variants' || !t.isObjectExpression(node.value)) return
      for (const one of node.value.properties) {
        const name = t.isSpreadElement(one) ? undefined : keyOf(one.key)
        if (name !== undefined) lines.set(name, one.loc?.start.line ?? call)
      }
    },
  })
  return (variant) => lines.get(variant) ?? call
}
