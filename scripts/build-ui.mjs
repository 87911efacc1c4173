// Bundles the page: its script, its style sheet, and the checker with all races, which the page starts as a worker when it is
// first needed. All starts from a build that is instrumented as dist/ is, so that the page searches exactly what the command
// searches. With the sources that the page shows they go into one file, dist/page.br.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import { build } from 'vite'

const virtual = (name, code) => ({
  name: `mmrace-${name}`,
  resolveId: (id) => (id === `virtual:${name}` ? `\0virtual:${name}` : undefined),
  load: (id) => (id === `\0virtual:${name}` ? code : undefined),
})

/** The core for several workers with one memory, which a page does not have: it searches in one. */
const withoutSharedCore = {
  name: 'mmrace-without-shared-core',
  transform: (code, id) => (id.endsWith('wasm.generated.js') ? code.replace(/sharedWasmBase64 = '[^']*'/, "sharedWasmBase64 = ''") : undefined),
}

/** What notes which branches were entered, for coverage (src/instrument/arms.ts): a page has no use for it. */
const withoutArms = {
  name: 'mmrace-without-arms',
  transform: (code) => (code.includes('_armsOf(') ? code.replaceAll(/^const _entered\d* = _armsOf\(.*\n|^ *_entered\d*\[\d+\] = 1;\n|_entered\d*\[\d+\] = 1, /gm, '') : undefined),
}

/** Bundles one entry, given as code, to one script. */
const bundle = async (root, from, name, code) => (await build({
  root,
  configFile: false,
  logLevel: 'warn',
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [virtual(name, code), withoutSharedCore, withoutArms],
  resolve: {
    alias: [
      { find: /^mmrace$/, replacement: path.join(from, 'src/index.js') },
      { find: /^mmrace\/engine$/, replacement: path.join(from, 'src/engine/index.js') },
    ],
  },
  build: {
    write: false,
    target: 'es2022',
    modulePreload: false,
    chunkSizeWarningLimit: 5000,
    rolldownOptions: { input: `virtual:${name}`, output: { format: 'iife' } },
  },
})).output[0].code

/** What a race file of the user's may import (src/instrument/script.ts). */
const PACKAGES = { mmrace: 'index.js', 'mmrace/engine': 'engine/index.js', 'mmrace/runtime': 'engine/model/at.js' }

const importing = (file) => import(pathToFileURL(file).href)

/** What the page says about races and profiles before the checker runs. */
const catalogue = async (from, races) => {
  const { catalogueOf } = await importing(path.join(from, 'src/ui/view/catalogue.js'))
  return catalogueOf(await Promise.all(races.map(async (file) => (await importing(file)).default)))
}

/** Texts of the model and its races by their names in the repository. */
const sources = (root) => Object.fromEntries(['src/machine', 'src/kernel', 'src/oracles', 'src/race', 'src/hunt/operations', 'src/hunt/states', 'races'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => {
    const name = `${folder}/${file.replaceAll(path.sep, '/')}`
    return [name, readFileSync(path.join(root, name), 'utf8')]
  })))

/** `dense`: as small as can be, which takes seconds. */
const compressed = (text, dense) => brotliCompressSync(text, {
  params: { [constants.BROTLI_PARAM_QUALITY]: dense ? 11 : 5, [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS },
})

export async function buildUi(root, from, dense) {
  const entry = (file) => JSON.stringify(path.join(from, 'src/ui', file))
  const races = readdirSync(path.join(from, 'races')).filter((file) => file.endsWith('.js'))
    .map((file) => path.join(from, 'races', file))
  const page = await bundle(root, from, 'page', [
    `import { mount } from ${entry('app/mount.js')}`,
    `mount(${JSON.stringify(await catalogue(from, races))})`,
  ].join('\n'))
  const checker = await bundle(root, from, 'checker', [
    `import { serve } from ${entry('worker/worker.js')}`,
    ...Object.values(PACKAGES).map((file, i) => `import * as package${i} from ${JSON.stringify(path.join(from, 'src', file))}`),
    ...races.map((file, i) => `import race${i} from ${JSON.stringify(file)}`),
    `const served = serve(self, [${races.map((_, i) => `race${i}`).join(', ')}])`,
    `self.mmrace = { ...served, packages: { ${Object.keys(PACKAGES).map((name, i) => `${JSON.stringify(name)}: package${i}`).join(', ')} } }`,
  ].join('\n'))
  const style = readFileSync(path.join(root, 'src/ui/style.css'), 'utf8')
  writeFileSync(path.join(root, 'dist/page.br'), compressed(JSON.stringify({ sources: sources(root), checker, page, style }), dense))
}
