import { oracles } from '../oracles/index.js'
import { wrap } from '../trace/commit-table.js'

/** Marks of tables: what they look like there, and what they mean. */
const MARKS: readonly (readonly [seen: RegExp, mark: string, meaning: string])[] = [
  [/\bpage\d+( [A-Z]\w*)* ?[WD]\b/, 'page6 W D', 'an entry that maps page 6: W writable, D dirty'],
  [/\bhuge\b/, 'huge page4', 'an entry that maps a huge page, named by the first of its pages'],
  [/\btable\d+\b/, 'table0', 'an entry that points to a page table'],
  [/\bnone\b/, 'none', 'an empty entry, or a NULL pointer'],
  [/\bprotnone\b/, 'protnone', 'present for the kernel, no access for the CPU: PROT_NONE or a NUMA hint'],
  [/\bmigrating\b/, 'migrating page6', 'a migration entry'],
  [/->/, 'cell: a -> b', 'the step changed the cell from a to b'],
  [/\/\/ /, '// value', 'behind a read: what it saw'],
  [/<IPI to/, '<IPI to CPU B>', 'an interrupt that is sent and waited for: possible once CPU B has interrupts on'],
  [/\(.*\bS\d+\b.*\)/, 'S1', 'a thread that a group of races comes from (docs/questions.md)'],
  [/\(.*\bB\d+\b.*\)/, 'B1', 'a bug of the corpus (docs/races.md)'],
  [/\(.*\bQ\d+\b.*\)/, 'Q11', 'a question that was asked (docs/questions.md)'],
  [/\babsent\b/, 'absent', 'the profile or the kernel does not have what the race is about'],
  [/ !( |$)/m, '!', 'not what history says'],
]

/** What the marks mean that are in a text, and what its oracles say. */
export function legend(text: string, ids: readonly string[], width: number): string {
  const marks = MARKS.filter(([seen]) => seen.test(text))
  const left = Math.max(0, ...marks.map(([, mark]) => mark.length))
  return [
    '  Legend:',
    ...marks.flatMap(([, mark, meaning]) => hung(`    ${mark.padEnd(left)}  `, meaning, width)),
    ...ids.flatMap((id) => hung(`    ${id}  `, oracles.get(id)?.text ?? id, width)),
  ].join('\n')
}

const hung = (head: string, text: string, width: number): string[] =>
  wrap(text.replaceAll(/\s+/g, ' '), width - head.length).map((line, i) => (i === 0 ? head : ' '.repeat(head.length)) + line)
