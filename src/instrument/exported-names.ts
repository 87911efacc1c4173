import { readFile } from 'node:fs/promises'

/** What the build knows of the exports of the package (scripts/argument-kinds.mjs). */
const KINDS = new URL('./argument-kinds.json', import.meta.url)

let known: Promise<Readonly<Record<string, readonly string[]>>> | undefined

/** The names that the package exports, types too, by what it is imported as. */
export const exportedNames = (): Promise<Readonly<Record<string, readonly string[]>>> =>
  (known ??= readFile(KINDS, 'utf8').then((text) => (JSON.parse(text) as { names: Record<string, string[]> }).names))
