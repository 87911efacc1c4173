// What `mmrace` exports of the kernel: everything that a race could call, replace or name, under its kernel name, one line for each
// file; and docs/functions.md, which lists it by kernel file. `npm run exports` writes both; a test compares.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { functionsText } from './functions-text.mjs'

const root = path.resolve(import.meta.dirname, '..')
/** Folders and files by the file that exports them. Of the rest races need nothing by name: it is how a kernel is made. */
const ROOMS = {
  drivers: ['kernel/drivers'],
  include: ['kernel/include'],
  mm: ['kernel/mm'],
  kernel: ['kernel/events', 'kernel/fs', 'kernel/locking', 'kernel/sched', 'kernel/workqueue', 'kernel/pool.ts'],
  machine: ['cpu', 'flush', 'ipi', 'irq', 'pte', 'rcu', 'user'].map((file) => `machine/${file}.ts`),
}
const EXPORT = /^export (?<kind>function\*?|const|class|interface|type) (?<name>\w+)/gm
const HEAD = '// What races and drivers call, replace and name. Written by `npm run exports`; do not change it by hand.\n'

const filesIn = (place) => (place.endsWith('.ts') ? [place] : readdirSync(path.join(root, 'src', place), { recursive: true })
  .filter((file) => file.endsWith('.ts')).map((file) => path.join(place, file)).toSorted())

/** The exports of a file of src. */
const exportsOf = (file) => [...readFileSync(path.join(root, 'src', file), 'utf8').matchAll(EXPORT)].map(({ groups }) => ({
  file, name: groups.name, isType: ['class', 'interface', 'type'].includes(groups.kind),
}))

const linesOf = (file, names) => {
  const from = `../${file.replace(/\.ts$/, '.js')}`
  const write = (word, some) => (some.length > 0 ? `export ${word}{ ${some.map(({ name }) => name).toSorted().join(', ')} } from '${from}'\n` : '')
  return write('', names.filter(({ isType }) => !isType)) + write('type ', names.filter(({ isType }) => isType))
}

/** The files of src/exports and their texts. Throws if two files export the same name. */
function exportsTexts() {
  const where = new Map()
  return Object.entries(ROOMS).map(([room, places]) => {
    const files = places.flatMap(filesIn)
    for (const { file, name } of files.flatMap(exportsOf)) {
      if (where.has(name)) throw new Error(`${name} is exported by src/${where.get(name)} and src/${file}: two kernel functions have two names`)
      where.set(name, file)
    }
    return { file: `src/exports/${room}.ts`, text: HEAD + files.map((file) => linesOf(file, exportsOf(file))).join('') }
  })
}

const page = () => ({ file: 'docs/functions.md', text: functionsText(Object.values(ROOMS).flat().flatMap(filesIn)) })

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [check, which] = process.argv.slice(2)
  // Names are looked at with the imports (`npm run lint`), what is said of them when the tests run.
  const wanted = [...exportsTexts(), ...(check && which !== 'docs' ? [] : [page()])]
  const stale = wanted.filter(({ file, text }) => readFileSync(path.join(root, file), 'utf8') !== text)
  if (!check) for (const { file, text } of stale) writeFileSync(path.join(root, file), text)
  else if (stale.length > 0) {
    console.error(`${stale.map(({ file }) => file).join(', ')}: not what the kernel has; npm run exports`)
    process.exitCode = 1
  }
}
