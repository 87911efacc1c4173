// Bundles the compiled package for Node to dist/: the model in one file, each command and each race in one of its own, all of them
// loaded when they are asked for. What it takes from other packages goes in, so that installing mmrace installs nothing else.
// Beside it: types, what they say of arguments, and the licenses of what went in.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'
import { argumentKinds } from './argument-kinds.mjs'

/** Started or imported by name, so that they keep their names: threads, hooks of the loader, what package.json exports. */
const ENTRIES = {
  index: 'index', engine: 'engine/index', runtime: 'engine/model/at', arguments: 'cli/arguments',
  check: 'library/index', node: 'testing/index', vitest: 'testing/vitest', 'node-test': 'testing/node-test', vite: 'testing/vite',
  main: 'cli/main', 'guarded-worker': 'cli/guarded-worker', 'matrix-worker': 'cli/matrix/matrix-worker', 'hunt-worker': 'cli/hunt-worker', 'race-program': 'cli/race-program', 'queue-runner': 'cli/queue/runner',
  worker: 'parallel/worker', hooks: 'instrument/hooks',
}

/** What a project that wants it brings itself. */
const PEERS = ['vitest', 'bullmq', 'ioredis']

/** All of it is needed as soon as one race is. */
const MODEL = /\/src\/(?:engine|machine|kernel|oracles|race)\//
/** Needed before it is known whether a race is: what errors are, and how they are told. */
const ALWAYS = /\/src\/(?:engine\/(?:errors|heartbeat|shown)|race\/is-vacuous)\.js$/

/**
 * Babel asks browserslist which browsers the project in the working directory is meant for, and takes the tables of all browsers
 * with it. Model code is compiled for the Node that runs it.
 */
const NO_BROWSERS = '\0no-browsers'
const withoutBrowsers = {
  name: 'without-browsers',
  resolveId: (id) => (id === 'browserslist' ? NO_BROWSERS : undefined),
  load: (id) => (id === NO_BROWSERS ? 'export const findConfigFile = () => undefined; export const loadConfig = () => undefined' : undefined),
}

/** The types of every race that comes with mmrace. */
const RACE_FILE = "import type { Race } from './index.js'\ndeclare const race: Race\nexport default race\n"

const NAMED = { function: true, class: true }

const filesIn = (folder, ending) => readdirSync(folder).filter((file) => file.endsWith(ending)).map((file) => path.join(folder, file))
const named = (prefix, files) => Object.fromEntries(files.map((file) => [`${prefix}/${path.basename(file, '.js')}`, file]))

export async function buildNode(root, from) {
  const dist = path.join(root, 'dist')
  const src = (file, ending = 'js') => path.join(from, 'src', `${file}.${ending}`)
  const bundle = await rolldown({
    cwd: root,
    platform: 'node',
    input: {
      ...Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, src(file)])),
      ...named('races', filesIn(path.join(from, 'races'), '.js')),
      ...named('docs/examples', filesIn(path.join(from, 'docs/examples'), '.js')),
    },
    resolve: { alias: { 'mmrace/engine': src('engine/index'), mmrace: src('index') } },
    plugins: [withoutBrowsers],
    external: PEERS,
  })
  const { output } = await bundle.write({
    dir: dist,
    entryFileNames: '[name].js',
    chunkFileNames: 'part-[name].js', // beside the others: modules find threads and races by where they are
    // Functions keep their names, for stacks.
    minify: { mangle: { toplevel: true, keepNames: NAMED }, compress: { keepNames: NAMED } },
    codeSplitting: {
      groups: [
        { name: 'always', test: ALWAYS, priority: 2 },
        { name: 'model', test: MODEL, priority: 1 },
        { name: 'scenes', test: /\/races\/scenes\// },
      ],
    },
  })
  const types = await rolldown({
    input: Object.fromEntries(['index', 'engine', 'check', 'node', 'vitest', 'node-test', 'vite'].map((name) => [name, src(ENTRIES[name], 'd.ts')])),
    external: PEERS,
    plugins: [dts({ dtsInput: true, tsconfig: false })],
  })
  await types.write({ dir: dist, chunkFileNames: 'part-[name].ts' })
  const { hashesOf } = await import(pathToFileURL(src('instrument/hashes')).href)
  writeFileSync(path.join(dist, 'hashes.json'), JSON.stringify(hashesOf(root)))
  writeFileSync(path.join(dist, 'race-file.d.ts'), RACE_FILE)
  const declared = (name) => path.join(dist, `${name}.d.ts`)
  writeFileSync(path.join(dist, 'argument-kinds.json'), JSON.stringify(argumentKinds({ mmrace: declared('index'), 'mmrace/engine': declared('engine') })))
  writeFileSync(path.join(dist, 'THIRD-PARTY-LICENSES'), licenses(output))
}

/** The licenses of the packages that modules come from. */
function licenses(output) {
  const folders = new Set(output.flatMap(({ moduleIds = [] }) => moduleIds).map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]).filter(Boolean))
  return [...folders].toSorted().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
    const text = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file))
    return `${name} ${version} (${license})\n\n${text === undefined ? '' : readFileSync(path.join(folder, text), 'utf8')}`
  }).join(`\n${'-'.repeat(80)}\n`)
}
