import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { UserError } from '../engine/errors.js'
import { PACKAGE } from './package.js'

/** TypeScript as the folder of the file, or that where the command runs, has it installed. */
function compilerFor(file: string): { readonly tsc: string; readonly requireFrom: NodeJS.Require } {
  for (const place of [path.resolve(file), path.resolve('here.ts')]) {
    const requireFrom = createRequire(place)
    try {
      return { tsc: path.join(path.dirname(requireFrom.resolve('typescript/package.json')), 'bin/tsc'), requireFrom }
    } catch {
      // The next place.
    }
  }
  throw new UserError('no-typescript', `--types: TypeScript is not installed where ${file} is`, 'npm install --save-dev typescript there')
}

/** What of Node a file uses is known where its types are installed. */
const nodeTypes = (requireFrom: NodeJS.Require): object => {
  try {
    const node = path.dirname(requireFrom.resolve('@types/node/package.json'))
    return { typeRoots: [path.dirname(node)], types: ['node'] }
  } catch {
    return { types: [] }
  }
}

const DIAGNOSTIC = /^(?<file>.+?)\((?<line>\d+),(?<column>\d+)\): error TS\d+: (?<message>.*)$/

/** Type-checks a user's file against the types of this package. Throws a UserError that says what is wrong with it first. */
export function typeCheck(file: string): void {
  const { tsc, requireFrom } = compilerFor(file)
  const declared = (name: string): string => path.join(PACKAGE, 'dist', `${name}.d.ts`)
  const folder = mkdtempSync(path.join(tmpdir(), 'mmrace-types-'))
  try {
    const project = path.join(folder, 'tsconfig.json')
    writeFileSync(project, JSON.stringify({
      compilerOptions: {
        target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'dom'], allowImportingTsExtensions: true,
        strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true, allowJs: true, checkJs: true,
        noImplicitAny: !/\.m?js$/.test(file), ...nodeTypes(requireFrom),
        paths: { mmrace: [declared('index')], 'mmrace/engine': [declared('engine')] },
      },
      files: [path.resolve(file)],
    }))
    const { status, stdout, error } = spawnSync(process.execPath, [tsc, '--project', project, '--pretty', 'false'], { encoding: 'utf8' })
    if (status === 0) return
    const wrong = stdout.split('\n').filter((line) => DIAGNOSTIC.test(line))
    const first = DIAGNOSTIC.exec(wrong[0] ?? '')?.groups
    if (!first) throw new UserError('no-typescript', `--types: TypeScript does not run: ${error?.message ?? stdout.trim().split('\n')[0]}`, `it is ${tsc}`)
    const rest = wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : ''
    throw new UserError('wrong-types', `${path.relative('.', first['file']!)}:${first['line']}:${first['column']}: ${first['message']}${rest}`, 'without --types it is run as it is')
  } finally {
    rmSync(folder, { recursive: true })
  }
}
