import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { transformSync } from '@babel/core'
import commonjs from '@babel/plugin-transform-modules-commonjs'
import { instrument, isTypeScript } from './instrument.js'
import { onDisk } from './on-disk.js'
import { RUNTIME } from './runtime.js'

const PACKAGES = new Set(['mmrace', 'mmrace/engine', RUNTIME])

/**
 * A user's race file with the files it imports as one script, for where there are no files: it takes what it needs of
 * this package from `self.mmrace.packages` and hands its default export to `self.mmrace.add`. Undefined when it needs
 * more than that: another package, something of Node.
 */
export const scriptOf = (file: string): string | undefined => scriptWith(file, 'add(load(0).default)')

/** The same of a file with changes of the user's, which `self.mmrace.change` puts into a race. */
export const changeScriptOf = (file: string, race: string): string | undefined => scriptWith(file, `change(${JSON.stringify(race)}, load(0))`)

/** `last`: what is done with the file's exports. */
function scriptWith(file: string, last: string): string | undefined {
  const modules = new Map<string, string>()
  const entry = pathToFileURL(path.resolve(file)).href
  const ids = [entry]
  for (const url of ids) {
    const module = moduleText(url)
    if (module === undefined) return undefined
    modules.set(url, module.text)
    ids.push(...module.imports.filter((found) => !ids.includes(found)))
  }
  const number = (url: string): number => ids.indexOf(url)
  const list = ids.map((url) => modules.get(url)!.replaceAll(LINK, (_, target: string) => String(number(target))))
  const script = LOADER.replace('MODULES', () => list.join(',\n')).replace('LAST', () => last)
  return compiles(script) ? script : undefined
}

/** Stands in a module's text for the number of another. */
const LINK = /"link:(file:[^"]*)"/g

/** Evaluates each module when it is first asked for, as Node would. */
const LOADER = `(() => {
const { packages, add, change } = self.mmrace
const modules = [MODULES]
const made = []
const load = (id) => {
  if (!made[id]) modules[id](made[id] = {}, (name) => typeof name === 'number' ? load(name) : packages[name])
  return made[id]
}
LAST
})()
`

/** A module as a function of `exports` and `require`. */
function moduleText(url: string): { text: string; imports: string[] } | undefined {
  const filename = fileURLToPath(url)
  const displayName = path.relative('.', filename)
  const { code } = instrument(readFileSync(filename, 'utf8'), {
    filename, displayName, typescript: isTypeScript(filename), runtime: RUNTIME, steps: true, user: true,
  })
  const imports: string[] = []
  let foreign = false
  const result = transformSync(code, {
    babelrc: false, configFile: false, parserOpts: { sourceType: 'module' },
    plugins: [[commonjs, { strict: true }], {
      visitor: {
        'ImportDeclaration|ExportNamedDeclaration|ExportAllDeclaration'({ node }: { node: { source?: { value: string } | null } }) {
          if (!node.source || PACKAGES.has(node.source.value)) return
          if (!node.source.value.startsWith('.')) return void (foreign = true)
          const target = onDisk(new URL(node.source.value, url))
          imports.push(target)
          node.source.value = `link:${target}`
        },
      },
    }],
  })
  return foreign ? undefined : { text: `(exports, require) => {\n${result!.code!}\n}`, imports }
}

function compiles(script: string): boolean {
  try {
    return new Script(script) instanceof Script
  } catch {
    return false
  }
}
