import type { FunctionArms } from '../engine/model/arms.js'
import type { Coverage } from './coverage.js'
import { xml } from './escape.js'

/** How much of something: `12 of 14`. */
export interface Share {
  readonly done: number
  readonly of: number
}

const share = (flags: readonly boolean[]): Share => ({ done: flags.filter(Boolean).length, of: flags.length })
const shown = ({ done, of }: Share): string => `${done} of ${of}`

/** The functions of a file, or folder. */
interface Part {
  readonly name: string
  readonly functions: readonly FunctionArms[]
}

/** By folder of the kernel's files: `src/kernel/mm/gup` is mm/gup.c. */
function parts({ functions }: Coverage): Part[] {
  const byFolder = new Map<string, FunctionArms[]>()
  for (const fn of functions) {
    const folder = /^(src\/kernel\/(?:mm|drivers)\/[^/]+)\//.exec(fn.file)?.[1] ?? fn.file.slice(0, Math.max(fn.file.lastIndexOf('/'), 0))
    byFolder.set(folder, [...byFolder.get(folder) ?? [], fn])
  }
  return [...byFolder].map(([name, own]) => ({ name, functions: own }))
}

const functionShare = (functions: readonly FunctionArms[]): Share => share(functions.map(({ entered }) => entered))
const armShare = (functions: readonly FunctionArms[]): Share => share(functions.flatMap(({ arms }) => arms.map(({ entered }) => entered)))

/** A line for each part of the kernel, and what was never entered of the rest. */
export function coverageText(coverage: Coverage): string {
  const rows = [...parts(coverage), { name: 'all', functions: coverage.functions }].map(({ name, functions }) =>
    [name, `${shown(functionShare(functions))} functions`, `${shown(armShare(functions))} branches`] as const)
  const widths = [0, 1].map((i) => Math.max(...rows.map((row) => row[i]!.length)))
  const never = (flags: readonly { readonly text: string; readonly is: boolean }[]): string[] => flags.filter(({ is }) => !is).map(({ text }) => `  ${text}`)
  const changes = never(coverage.changes.map(({ id, title, entered }) => ({ text: `${id}  ${title}`, is: entered })))
  const marks = never(coverage.reached.map(({ race, name, reached }) => ({ text: `${race}: ${name}`, is: reached })))
  return [
    'coverage of the model', ...rows.map(([name, functions, arms]) => `  ${name.padEnd(widths[0]!)}  ${functions.padEnd(widths[1]!)}  ${arms}`.trimEnd()), '',
    `changes: ${shown(share(coverage.changes.map(({ entered }) => entered)))} entered${changes.length > 0 ? '; not' : ''}`, ...changes,
    `sometimes: ${shown(share(coverage.reached.map(({ reached }) => reached)))} reached${marks.length > 0 ? '; not' : ''}`, ...marks,
  ].join('\n')
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color-scheme:light dark}
table{border-collapse:collapse}td,th{padding:.1rem .7rem;text-align:left;vertical-align:top}.not{color:#c33}code{font-size:13px}`

/** A page: each part with its functions, and of those the branches that no run took, as they stand in the source. */
export function coverageHtml(coverage: Coverage, sourceLine: (file: string, line: number) => string | undefined): string {
  const missed = ({ file, arms }: FunctionArms): string => arms.filter(({ entered }) => !entered)
    .map(({ line, kind }) => `<div class="not">${line} ${kind}: <code>${xml(sourceLine(file, line)?.trim() ?? '')}</code></div>`).join('')
  const row = (fn: FunctionArms): string =>
    `<tr><td${fn.entered ? '' : ' class="not"'}><code>${xml(fn.name)}</code> <small>${xml(fn.file)}:${fn.line}</small><td>${shown(share(fn.arms.map(({ entered }) => entered)))}<td>${fn.entered ? missed(fn) : ''}`
  const list = (title: string, items: readonly { readonly text: string; readonly is: boolean }[]): string[] =>
    [`<h2>${title}</h2>`, '<ul>', ...items.map(({ text, is }) => `<li${is ? '' : ' class="not"'}>${xml(text)}`), '</ul>']
  return [
    '<!doctype html>', '<html lang="en">', '<meta charset="utf-8">', '<meta name="generator" content="mmrace coverage">', '<title>Coverage of the model</title>', `<style>${STYLE}</style>`,
    `<h1>${shown(functionShare(coverage.functions))} functions, ${shown(armShare(coverage.functions))} branches</h1>`,
    ...parts(coverage).flatMap(({ name, functions }) => [
      `<details><summary>${xml(name)}: ${shown(functionShare(functions))} functions, ${shown(armShare(functions))} branches</summary>`,
      '<table>', ...functions.map(row), '</table>', '</details>',
    ]),
    ...list('Changes', coverage.changes.map(({ id, title, entered }) => ({ text: `${id} ${title}`, is: entered }))),
    ...list('What must happen in some run', coverage.reached.map(({ race, name, reached }) => ({ text: `${race}: ${name}`, is: reached }))),
    '</html>', '',
  ].join('\n')
}
