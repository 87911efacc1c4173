import { count } from '../trace/verdict.js'
import { wrap } from '../trace/commit-table.js'
import type { Coverage } from './coverage.js'

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

/** How much was covered, in a few lines. */
export function coverageSummary({ states, functions }: Coverage): string[] {
  const all = sum(states.map(({ pairs }) => pairs))
  const missing = sum(states.map((state) => state.missing.length))
  const entered = functions.filter((fn) => fn.entered)
  const arms = entered.flatMap((fn) => fn.arms)
  return [
    `${count(all - missing)} of ${count(all)} pairs of operations in ${count(states.length)} states; all of them in ${count(states.filter((state) => state.missing.length === 0).length)}`,
    `${count(entered.length)} of ${count(functions.length)} functions of the kernel, and in those ${count(arms.filter((arm) => arm.entered).length)} of ${count(arms.length)} ways that branches can go`,
  ]
}

/** What was not covered: pairs by state; functions never entered, by file; and of others the ways that no branch went. */
export function coverageListing({ states, functions }: Coverage, width: number): string {
  const indented = (text: string): string[] => wrap(text, width - 4).map((line) => `    ${line}`)
  const byFile = new Map<string, string[]>()
  for (const { file, name, entered } of functions) if (!entered) byFile.set(file, [...byFile.get(file) ?? [], name])
  const halves = functions.filter((fn) => fn.entered && fn.arms.some((arm) => !arm.entered))
  return [
    'pairs of operations that were in no scene, by state:',
    ...states.filter(({ missing }) => missing.length > 0).flatMap(({ state, pairs, missing }) =>
      [`  ${state}  (${count(pairs - missing.length)} of ${count(pairs)})`, ...indented(missing.join(', '))]),
    '', 'functions of the kernel that were never entered, by file:',
    ...[...byFile].flatMap(([file, names]) => [`  ${file}`, ...indented(names.join(', '))]),
    '', 'ways that no branch went, by function and line:',
    ...halves.map(({ file, name, arms }) => `  ${file}  ${name}()  ${arms.filter((arm) => !arm.entered).map(({ line, kind }) => `${line} ${kind}`).join(', ')}`),
    '',
  ].join('\n')
}
