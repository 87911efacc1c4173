// docs/functions.md: everything that `mmrace` exports of the kernel, by kernel file, with what it takes and what it is.
import { readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const DECLARED = /(?:\/\*\*(?<doc>(?:(?!\*\/)[^])*)\*\/\n)?export (?<kind>function\*?|const) (?<name>\w+)(?<rest>[^\n]*(?:\n(?:  |\)).*)*)/g
const NAMED = /^(?<file>[\w./-]+\.[chS])(?::(?<function>\w+))?/

/** The text of a list in brackets that begins `text`, without the brackets. */
function bracketed(text) {
  let depth = 0
  for (const [i, sign] of [...text].entries()) {
    if ('([{<'.includes(sign)) depth++
    // An arrow closes nothing.
    else if (')]}'.includes(sign) || (sign === '>' && text[i - 1] !== '=')) depth--
    if (depth === 0) return text.slice(1, i)
  }
  return ''
}

/** The parameters, with their types, of a function or a constant that is one; undefined of other constants. */
function parametersOf(kind, rest) {
  const start = kind === 'const' ? /^\s*(?::[^=]*(?:=>[^=]*)?)?=\s*(?:<[^=]*?>\s*)?(?:function\*\s*)?(?=\()/.exec(rest)?.[0].length : rest.indexOf('(')
  if (start === undefined || start < 0) return undefined
  const list = bracketed(rest.slice(start)).replaceAll(/\s+/g, ' ').replaceAll(/\{[^{}]*\}(?=:)/g, (fields) => (fields.length > 24 ? '{ … }' : fields)).trim()
  return kind === 'const' && !/^\s*(?::\s*[^=]+)?\s*=>/.test(rest.slice(start + bracketed(rest.slice(start)).length + 2)) ? undefined : list.replace(/,$/, '')
}

const sentence = (doc) => doc.replaceAll(/^\s*\* ?/gm, '').replaceAll(/\s+/g, ' ').trim()

function* declaredIn(file) {
  for (const { groups: { doc = '', kind, name, rest } } of readFileSync(path.join(root, 'src', file), 'utf8').matchAll(DECLARED)) {
    const text = sentence(doc)
    const of = NAMED.exec(text)?.groups
    // What stands in two kernel files is found under the first.
    yield { name, file, kernelFile: of?.file, takes: parametersOf(kind, rest), text: of?.function === name ? text.slice(text.indexOf(name) + name.length).replace(/^[.,:;\s]+/, '') : text }
  }
}

const cell = (text) => text.replaceAll('|', '\\|')
const row = ({ name, takes, file, text }) => `| \`${name}${takes === undefined ? '' : `(${cell(takes)})`}\` | \`${file.replace(/^kernel\//, '')}\` | ${cell(text)} |`

/** Object.groupBy() of later versions of Node. */
const grouped = (all, keyOf) => all.reduce((groups, one) => ({ ...groups, [keyOf(one)]: [...groups[keyOf(one)] ?? [], one] }), {})

/** The whole page. */
export function functionsText(files) {
  const all = files.flatMap((file) => [...declaredIn(file)])
  const byKernelFile = grouped(all.filter(({ kernelFile }) => kernelFile !== undefined), ({ kernelFile }) => kernelFile)
  const others = grouped(all.filter(({ kernelFile, takes }) => kernelFile === undefined && takes !== undefined), ({ file }) => file.split('/').slice(0, 2).join('/'))
  const constants = grouped(all.filter(({ kernelFile, takes }) => kernelFile === undefined && takes === undefined), ({ file }) => file)
  const table = (rows) => ['| | in | |', '|---|---|---|', ...rows.toSorted((a, b) => a.name.localeCompare(b.name)).map(row), '']
  return [
    '# Functions that a race can call and replace', '',
    '<!-- Written by `npm run exports`. -->', '',
    'All of this is exported by `mmrace`, under the name that the kernel gives it, by kernel file. `mmrace explain gup_pte_range` says',
    'more of one: where it is, which changes touch it, which races run it. Files are those of `src/kernel`.', '',
    ...Object.keys(byKernelFile).toSorted().flatMap((file) => [`## ${file}`, '', ...table(byKernelFile[file])]),
    ...Object.keys(others).toSorted().flatMap((folder) => [`## Others of ${folder}`, '', ...table(others[folder])]),
    '## Constants', '',
    ...Object.keys(constants).toSorted().map((file) => `- \`${file.replace(/^kernel\//, '')}\`: ${constants[file].map(({ name }) => name).join(', ')}`), '',
  ].join('\n')
}
