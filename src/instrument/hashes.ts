import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { onDisk } from './on-disk.js'
import { type Outline, outlineOf } from './outline.js'

/** What the sources of the package come to, as of its build. */
export interface Hashes {
  /** Of all that every verdict rests on: the engine, the layout of the machine, oracles, plain functions. */
  readonly rest: string
  /** By file and name, of each function of model code. */
  readonly functions: Readonly<Record<string, string>>
  /** By name, of what each race says beside its functions, with the scenes that it takes in. */
  readonly races: Readonly<Record<string, string>>
}

export const hashOf = (parts: readonly string[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex').slice(0, 16)
}

/** Rooms of which every part that is no function of model code matters to every verdict. */
const ROOMS = ['engine', 'instrument', 'machine', 'kernel', 'oracles', 'race']

/** The hashes of the package whose sources these are. */
export function hashesOf(root: string): Hashes {
  const functions: Record<string, string> = {}
  const rests: string[] = []
  const noted = (file: string): Outline => {
    const outline = outlineOf(readFileSync(path.join(root, file), 'utf8'), path.join(root, file))
    for (const [name, text] of outline.functions) functions[`${file} ${name}`] = hashOf([text])
    return outline
  }
  const filesIn = (folder: string): string[] => readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('assembly')).map((file) => `${folder}/${file.replaceAll(path.sep, '/')}`).toSorted()
  for (const file of ROOMS.flatMap((room) => filesIn(`src/${room}`))) rests.push(file, noted(file).rest)
  filesIn('races').forEach(noted)
  const races = Object.fromEntries(readdirSync(path.join(root, 'races')).filter((file) => file.endsWith('.ts')).map((file) =>
    [file.slice(0, -3), hashOf([...outlinesFrom(path.join(root, 'races', file))].map(([, { rest }]) => rest))]))
  return { rest: hashOf(rests), functions, races }
}

/** A file and all that it imports by a path, each in parts. */
export function outlinesFrom(file: string): ReadonlyMap<string, Outline> {
  const found = new Map<string, Outline>()
  const waiting = [path.resolve(file)]
  for (const one of waiting) {
    if (found.has(one) || !existsSync(one)) continue
    const outline = outlineOf(readFileSync(one, 'utf8'), one)
    found.set(one, outline)
    waiting.push(...outline.imports.filter((name) => name.startsWith('.')).map((name) => fileURLToPath(onDisk(new URL(name, pathToFileURL(one))))))
  }
  return found
}
