// Bundles the page to dist/ui: one script (the page, its worker, the checker, all races) and one style sheet. It starts
// from the instrumented build in dist/, so that the page searches exactly what the command searches.
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'vite'

const ENTRY = 'virtual:page'

/** The page imports its races from here: there is no directory to list at run time. */
const entryOf = (root) => {
  const races = readdirSync(path.join(root, 'dist/races')).filter((file) => file.endsWith('.js'))
  return [
    `import { start } from ${JSON.stringify(path.join(root, 'dist/src/ui/main.js'))}`,
    ...races.map((file, i) => `import race${i} from ${JSON.stringify(path.join(root, 'dist/races', file))}`),
    `start([${races.map((_, i) => `race${i}`).join(', ')}])`,
  ].join('\n')
}

const pageEntry = (root) => ({
  name: 'mmrace-page',
  resolveId: (id) => (id === ENTRY ? `\0${ENTRY}` : undefined),
  load: (id) => (id === `\0${ENTRY}` ? entryOf(root) : undefined),
})

export async function buildUi(root) {
  const out = path.join(root, 'dist/ui')
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [pageEntry(root)],
    resolve: {
      alias: [
        { find: /^mmrace$/, replacement: path.join(root, 'dist/src/index.js') },
        { find: /^mmrace\/engine$/, replacement: path.join(root, 'dist/src/engine/index.js') },
      ],
    },
    build: {
      outDir: out,
      emptyOutDir: true,
      copyPublicDir: false,
      target: 'es2022',
      modulePreload: false,
      chunkSizeWarningLimit: 1000,
      rolldownOptions: { input: ENTRY, output: { format: 'iife', entryFileNames: 'page.js' } },
    },
  })
  copyFileSync(path.join(root, 'src/ui/style.css'), path.join(out, 'page.css'))
  // As a function the bundle can hand its own text to a worker: a page opened as a file has no other way to it.
  const file = path.join(out, 'page.js')
  const code = readFileSync(file, 'utf8')
  writeFileSync(file, `function mmracePage(){${code.replaceAll('</script', '<\\/script')}\n}\nmmracePage()\n`)
}
