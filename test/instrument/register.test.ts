import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const home = mkdtempSync(path.join(os.tmpdir(), 'mmrace-'))

const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(home, file)), { recursive: true })
  writeFileSync(path.join(home, file), text)
}

/** A package of the same layout as ours, of only what user code meets here. */
beforeAll(() => {
  const sources = (folder: string): string[] =>
    readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`)
  for (const file of [...sources('src/instrument'), ...sources('src/engine/model'), 'src/engine/errors.ts', 'src/engine/shown.ts']) {
    const { outputText } = ts.transpileModule(readFileSync(path.join(root, file), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
    })
    write(file.replace(/^src\/(instrument|engine)/, 'package/dist').replace(/\.ts$/, '.js'), outputText)
  }
  write('package/package.json', JSON.stringify({
    name: 'mmrace', type: 'module', exports: { './engine': './dist/engine.js', './runtime': './dist/model/at.js', './arguments': './dist/arguments.js' },
  }))
  write('package/dist/argument-kinds.json', JSON.stringify({ names: {} }))
  write('package/dist/arguments.js', 'export const fits = (called, args) => args')
  write('package/dist/engine.js', `
    export * from './model/step.js'
    export { Call } from './model/fn.js'
    export { pendingSite } from './model/at.js'`)
  symlinkSync(path.join(root, 'node_modules'), path.join(home, 'package/node_modules'))
})

afterAll(() => rmSync(home, { recursive: true }))

const url = (name: string): string => JSON.stringify(path.join(home, name))

/** Runs `code` in a process of its own, where `user` is the module namespace of the user's file, or what it rejected with. */
const withUserFile = (file: string, code: string): unknown => {
  const script = `
    const { importUserCode } = await import(${url('package/dist/register.js')})
    const engine = await import(${url('package/dist/engine.js')})
    const user = await importUserCode(${url(file)}).catch((error) => error)
    console.log(JSON.stringify((() => { ${code} })()))`
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: os.tmpdir(), encoding: 'utf8' })
  return JSON.parse(out)
}

it('instruments TypeScript anywhere on disk, with the running package as mmrace', () => {
  write('user/race.ts', `
    import { type Cell, load } from 'mmrace/engine'
    import { twice } from './lib/helper.js'
    export default function* main(cell: Cell): Generator<unknown, number> {
      const seen = yield* load(cell)
      return seen + (yield* twice(seen))
    }`)
  write('user/lib/helper.ts', `
    import { load } from 'mmrace/engine'
    export function* twice(x: number) { return x + (yield* load(x as never)) }`)
  expect(withUserFile('user/race.ts', `
    const call = user.default(0)
    const run = call.fn.body(0)
    run.next()
    const first = { ...engine.pendingSite.site }
    const inner = run.next(7).value
    return [call instanceof engine.Call, first.line, inner instanceof engine.Call, inner.fn.name, inner.fn.line,
      engine.pendingSite.live]
  `)).toEqual([true, 5, true, 'twice', 3, [7]])
})

it('instruments JavaScript in a folder of any kind', () => {
  write('user/race.js', `import { load } from 'mmrace/engine'\nexport function* main() { yield* load(0) }`)
  expect(withUserFile('user/race.js', 'return user.main().fn.name')).toBe('main')
})

it('says where a file is wrong', () => {
  write('user/bad.ts', 'const x: number = 1\nexport function* main() {\n  yield* load(arguments[x])\n}\n')
  expect(withUserFile('user/bad.ts', 'return [user.constructor.name, user.message]')).toEqual(['InstrumentError',
    `${home}/user/bad.ts:3:15: model code uses \`arguments\`\n  hint: name the parameters, or use a rest parameter`])
  write('user/syntax.ts', 'export const x = \n')
  expect(withUserFile('user/syntax.ts', 'return user.message')).toBe(`${home}/user/syntax.ts:2:1: Unexpected token`)
})

it('tells the lines of the source in stacks', () => {
  write('user/throws.ts', 'interface A {\n  x: number\n}\nconst a = undefined as unknown as A\nexport default a.x\n')
  expect(withUserFile('user/throws.ts', 'return user.stack')).toContain('throws.ts:5:')
})
