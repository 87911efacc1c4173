import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { array, assert, constantFrom, nat, property } from 'fast-check'
import ts from 'typescript'
import { expect, it } from 'vitest'
import type { Result } from '../../src/engine/search/result.js'

/*
 * Random programs searched by two workers and by one, by the compiled package (npm run build): as many as a five hundredth of
 * FUZZ_PROGRAMS. There are three of each thread, so that there is something to share.
 */
const RUNS = Math.round(Number(process.env['FUZZ_PROGRAMS'] ?? 50_000) / 500)
const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const root = path.resolve(import.meta.dirname, '../..')
const compiled = path.join(root, 'build/compiled')

const MAKE = `
export const made = (tape, loops) => {
  const program = programOf(planFrom(tape, loops), true)
  const again = (name) => ({ symmetry, ...thread }, i) => ({ ...thread, name: name + i })
  return { ...program, threads: [...program.threads, ...program.threads.map(again('again')), ...program.threads.map(again('more'))] }
}
`

/** The generator of programs as a module that Node loads, over the compiled engine. */
function generator(folder: string): string {
  const source = readFileSync(path.join(root, 'test/engine/programs.ts'), 'utf8')
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true } })
  const file = path.join(folder, 'programs.mjs')
  writeFileSync(file, outputText.replaceAll("'../../src/", `'${pathToFileURL(compiled).href}/src/`) + MAKE)
  return pathToFileURL(file).href
}

const said = (result: Result): object => ({
  verdict: result.verdict,
  found: result.verdict === 'violated' ? result.found.map(({ violation }) => violation.oracle).toSorted() : [],
  reached: result.stats.reached.toSorted(),
})

it.skipIf(!existsSync(path.join(compiled, 'src/parallel/worker.js')))('two workers find what one finds', () => {
  console.log(`two workers: seed ${SEED}, ${RUNS} programs`)
  const folder = mkdtempSync(path.join(tmpdir(), 'mmrace-fuzz-'))
  let [compared, shared] = [0, 0]
  const reductions = constantFrom<unknown>(true, false, false, { sleep: false }, { persistent: false }, { persistent: false }, { symmetry: false })
  try {
    const file = generator(folder)
    assert(property(array(nat(9999), { minLength: 20, maxLength: 60 }), reductions, nat(7), (tape, reduce, loops) => {
      const options = { reduce, all: true, states: 150_000, beside: true }
      const text = execFileSync(process.execPath, [path.join(root, 'test/parallel/child.mjs'), file, 'made', JSON.stringify([tape, loops === 0]), JSON.stringify(options)], { encoding: 'utf8' })
      const { result, byOne } = JSON.parse(text) as { result: Result; byOne: Result }
      if (result.verdict === 'not-found' || byOne.verdict === 'not-found') return
      compared++
      if (result.stats.workers) shared++
      expect(said(result)).toEqual(said(byOne))
      if (reduce === false) expect(result.stats.states).toBe(byOne.stats.states)
    }), { seed: SEED, numRuns: RUNS })
  } finally {
    rmSync(folder, { recursive: true })
  }
  console.log(`two workers: ${compared} compared, ${shared} of them searched by both, 0 mismatches`)
})
