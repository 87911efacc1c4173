import { readFileSync } from 'node:fs'
import path from 'node:path'
import { nearestHint } from '../engine/nearest.js'
import { changes } from '../kernel/changes/index.js'
import { functionOf } from '../engine/model/replace.js'
import { PACKAGE } from './package.js'
import { sourceText } from './page-bundle.js'

/** A function of the kernel that races can call and replace, as docs/functions.md has it. */
export interface KernelFunction {
  readonly name: string
  /** `(pmd: Pmd, flags: number)`. */
  readonly takes: string
  /** `src/kernel/mm/gup/gup_pte_range.ts`, and `mm/gup.c`, if it is a function of the kernel. */
  readonly file: string
  readonly line: number
  readonly kernelFile: string | undefined
  readonly text: string
  /** Changes that it asks for, and those that replace it. */
  readonly changes: readonly string[]
}

const DECLARED = /^(?<exported>export )?(?:function\*?|const) (?<name>\w+)/
const ROW = /^\| `(?<name>\w+)(?<takes>\(.*\))` \| `(?<file>[^`]+)` \| (?<text>.*) \|$/

/** By name, with the kernel file that the list has it under. */
function listed(): ReadonlyMap<string, { readonly takes: string; readonly file: string; readonly text: string; readonly kernelFile: string | undefined }> {
  let heading = ''
  const found = new Map<string, { takes: string; file: string; text: string; kernelFile: string | undefined }>()
  for (const line of readFileSync(path.join(PACKAGE, 'docs/functions.md'), 'utf8').split('\n')) {
    if (line.startsWith('## ')) heading = line.slice(3)
    const row = ROW.exec(line)?.groups
    if (!row) continue
    const unescaped = (text = ''): string => text.replaceAll('\\|', '|')
    const file = row['file']!
    found.set(row['name']!, {
      takes: unescaped(row['takes']), file: `src/${file.startsWith('machine/') ? '' : 'kernel/'}${file}`, text: unescaped(row['text']),
      kernelFile: /\.[chS]$/.test(heading) ? heading : undefined,
    })
  }
  return found
}

let files: ReadonlyMap<string, string> | undefined

/** The file of Linux that a function is in: `mm/gup.c`. */
export const kernelFileOf = (name: string): string | undefined =>
  (files ??= new Map([...listed()].flatMap(([fn, { kernelFile }]) => (kernelFile === undefined ? [] : [[fn, kernelFile]])))).get(name)

/** A function of a file with the functions that are its alone: it calls them, and nobody else can. */
function bodyOf(name: string, text: string): string {
  const parts = text.split(/^(?=(?:export )?(?:function\*?|const) \w)/m).map((part) => {
    const { name: of, exported } = DECLARED.exec(part)?.groups ?? {}
    return { part, of, exported: exported !== undefined }
  })
  const reached = new Set([name])
  for (const one of reached) {
    const body = parts.find(({ of }) => of === one)?.part ?? ''
    for (const { of, exported } of parts) if (of !== undefined && !exported && new RegExp(`\\b${of}\\b`).test(body)) reached.add(of)
  }
  return parts.filter(({ of }) => reached.has(of ?? '')).map(({ part }) => part).join('')
}

/** The function of this name, if there is one. */
export function kernelFunction(name: string): KernelFunction | undefined {
  const entry = listed().get(name)
  if (!entry) return undefined
  const text = sourceText(entry.file) ?? ''
  const start = text.split('\n').findIndex((line) => new RegExp(`^export (?:function\\*?|const) ${name}\\b`).test(line))
  const asked = [...bodyOf(name, text).matchAll(/\bhas\('([^']+)'\)/g)].map(([, id]) => id!)
  const replacing = changes.filter(({ replace = [] }) => replace.some((pair) => pair.some((fn) => functionOf(fn)?.name === name))).map(({ id }) => id)
  return { ...entry, name, line: start + 1, changes: [...new Set([...asked, ...replacing])] }
}

/** What to do about a name that no function has. */
export const nearestFunction = (name: string, otherwise: string): string => nearestHint(name, [...listed().keys()], otherwise)
