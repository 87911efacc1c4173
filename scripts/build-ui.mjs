// Bundles the page to dist/ui: its script, its style sheet, and the checker with all races, which the page starts as a
// worker when it is first needed. Both scripts are compressed, for a file that goes by mail. All starts from a build that
// is instrumented as dist/ is, so that the page searches exactly what the command searches.
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import { build } from 'vite'

const virtual = (name, code) => ({
  name: `mmrace-${name}`,
  resolveId: (id) => (id === `virtual:${name}` ? `\0virtual:${name}` : undefined),
  load: (id) => (id === `\0virtual:${name}` ? code : undefined),
})

/** Bundles one entry, given as code, to one script. */
const bundle = (root, from, name, code) => build({
  root,
  configFile: false,
  logLevel: 'warn',
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [virtual(name, code)],
  resolve: {
    alias: [
      { find: /^mmrace$/, replacement: path.join(from, 'src/index.js') },
      { find: /^mmrace\/engine$/, replacement: path.join(from, 'src/engine/index.js') },
    ],
  },
  build: {
    outDir: path.join(root, 'dist/ui'),
    emptyOutDir: false,
    copyPublicDir: false,
    target: 'es2022',
    modulePreload: false,
    chunkSizeWarningLimit: 5000,
    rolldownOptions: { input: `virtual:${name}`, output: { format: 'iife', entryFileNames: `${name}.js` } },
  },
})

/** What a race file of the user's may import (src/instrument/script.ts). */
const PACKAGES = { mmrace: 'index.js', 'mmrace/engine': 'engine/index.js', 'mmrace:runtime': 'engine/model/at.js' }

const importing = (file) => import(pathToFileURL(file).href)

/** What the page says about races and profiles before the checker runs. */
const catalogue = async (from, races) => {
  const { catalogueOf } = await importing(path.join(from, 'src/ui/view/catalogue.js'))
  return catalogueOf(await Promise.all(races.map(async (file) => (await importing(file)).default)))
}

export async function buildUi(root, from) {
  const out = path.join(root, 'dist/ui')
  rmSync(out, { recursive: true, force: true })
  const entry = (file) => JSON.stringify(path.join(from, 'src/ui', file))
  const races = readdirSync(path.join(from, 'races')).filter((file) => file.endsWith('.js'))
    .map((file) => path.join(from, 'races', file))
  await bundle(root, from, 'page', [
    `import { mount } from ${entry('app/mount.js')}`,
    `mount(${JSON.stringify(await catalogue(from, races))})`,
  ].join('\n'))
  await bundle(root, from, 'checker', [
    `import { serve } from ${entry('worker/worker.js')}`,
    ...Object.values(PACKAGES).map((file, i) => `import * as package${i} from ${JSON.stringify(path.join(from, 'src', file))}`),
    ...races.map((file, i) => `import race${i} from ${JSON.stringify(file)}`),
    `const add = serve(self, [${races.map((_, i) => `race${i}`).join(', ')}])`,
    `self.mmrace = { add, packages: { ${Object.keys(PACKAGES).map((name, i) => `${JSON.stringify(name)}: package${i}`).join(', ')} } }`,
  ].join('\n'))
  for (const name of ['page', 'checker']) {
    const script = path.join(out, `${name}.js`)
    writeFileSync(path.join(out, `${name}.deflate`), deflateRawSync(readFileSync(script), { level: 9 }))
    rmSync(script)
  }
  copyFileSync(path.join(root, 'src/ui/style.css'), path.join(out, 'page.css'))
}
