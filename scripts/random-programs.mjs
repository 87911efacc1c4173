// Random programs of what an unmodified kernel lets user space do, as scripts/record.mjs takes them:
//   node scripts/random-programs.mjs SEED COUNT [pages of a huge page] > programs.jsonl
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import * as fc from 'fast-check'
import { rolldown } from 'rolldown'

const [, , seed = '', count = '', huge = '512'] = process.argv
if (![seed, count, huge].every((text) => /^\d+$/.test(text))) throw new Error('node scripts/random-programs.mjs SEED COUNT [pages of a huge page]')

const root = path.resolve(import.meta.dirname, '..')
const file = path.join(root, 'build/random-programs.mjs')
mkdirSync(path.dirname(file), { recursive: true })
const bundle = await rolldown({ input: path.join(root, 'test/fidelity/programs.ts'), external: ['fast-check'] })
await bundle.write({ file, format: 'esm' })
const { randomPrograms } = await import(pathToFileURL(file).href)

const programs = fc.sample(randomPrograms({ hugePages: Number(huge), stock: true }), { seed: Number(seed), numRuns: Number(count) })
for (const [i, { pages, prog }] of programs.entries()) console.log(JSON.stringify({ id: `random-${seed}-${i}`, pages, prog }))
