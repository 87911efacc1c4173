import { describe, expect, it } from 'vitest'
import { outlineOf } from '../../src/instrument/outline.js'

const CODE = `import { load } from 'mmrace'
import type { Cell } from './cells.js'
const LIMIT = 3
/** One. */
export function* one(cell: Cell): Generator { return (yield* load(cell)) < LIMIT }
const table = { two: function* (cell: Cell): Generator { // two
  yield* one(cell) } }
export const plain = (n: number): number => n + 1
`

const changed = (from: string, to: string) => {
  const [before, after] = [outlineOf(CODE, '/x.ts'), outlineOf(CODE.replace(from, to), '/x.ts')]
  return { rest: before.rest !== after.rest, functions: [...before.functions].filter(([name, text]) => after.functions.get(name) !== text).map(([name]) => name) }
}

describe('a module in parts', () => {
  it('has functions of model code by name, and what it imports', () => {
    const { functions, imports } = outlineOf(CODE, '/x.ts')
    expect([...functions.keys()]).toEqual(['one', 'two'])
    expect(imports).toEqual(['mmrace', './cells.js'])
  })

  it.each([
    ['a function', '< LIMIT', '<= LIMIT', { rest: false, functions: ['one'] }],
    ['another function', 'yield* one(cell) }', 'yield* one(cell); yield* one(cell) }', { rest: false, functions: ['two'] }],
    ['a constant', '= 3', '= 4', { rest: true, functions: [] }],
    ['a plain function', 'n + 1', 'n + 2', { rest: true, functions: [] }],
    ['a comment', '/** One. */', '/** First. */', { rest: false, functions: [] }],
    ['a comment in a function', '// two', '// three', { rest: false, functions: [] }],
    ['white space', '  yield* one', '\n      yield* one', { rest: false, functions: [] }],
  ] as const)('where %s changes', (_, from, to, what) => {
    expect(CODE).toContain(from)
    expect(changed(from, to)).toEqual(what)
  })
})
