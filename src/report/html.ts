import { type Case, placeOf, type Report } from './case.js'
import { xml } from './escape.js'

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color-scheme:light dark}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{border:1px solid #8886;padding:.15rem .6rem;text-align:left}
pre{overflow-x:auto;background:#8881;padding:.7rem;line-height:1.3}.wrong{background:#f443;font-weight:600}.quiet{opacity:.55}`

/** A page with the tables of all races, and what is wrong below each. */
export function html({ version, date, cases }: Report): string {
  const races = [...new Set(cases.map(({ cell }) => cell.race))]
  const right = cases.filter(({ wrong }) => !wrong).length
  return [
    '<!doctype html>', '<html lang="en">', '<meta charset="utf-8">', '<meta name="viewport" content="width=device-width">',
    `<meta name="generator" content="mmrace ${xml(version)}">`, '<title>Races</title>', `<style>${STYLE}</style>`,
    `<h1>${right} of ${cases.length} verdicts as the races say</h1>`, `<p class="quiet">mmrace ${xml(version)}, ${date.toISOString()}</p>`,
    ...races.flatMap((race) => section(race, cases.filter(({ cell }) => cell.race === race))), '</html>', '',
  ].join('\n')
}

function section(race: string, cases: readonly Case[]): string[] {
  const variants = [...new Set(cases.map(({ cell }) => cell.variant))]
  const kernels = [...new Set(cases.map(({ cell }) => cell.kernel))]
  const wrong = cases.filter((one) => one.wrong)
  return [
    `<h2>${xml(race)}</h2>`, `<p class="quiet">${xml(cases[0]!.file)}</p>`,
    ...kernels.flatMap((kernel) => table(kernel, variants, cases.filter(({ cell }) => cell.kernel === kernel))),
    ...wrong.flatMap((one) => [`<details><summary>${xml(placeOf(one.cell))}: ${xml(one.wrong!.message)}</summary>`, `<pre>${xml(one.wrong!.text)}</pre>`, '</details>']),
  ]
}

function table(kernel: string, variants: readonly string[], cases: readonly Case[]): string[] {
  const archs = [...new Set(cases.map(({ cell }) => cell.arch))]
  const at = (arch: string, variant: string): string => {
    const one = cases.find(({ cell }) => cell.arch === arch && cell.variant === variant)
    if (!one) return '<td>'
    const { verdict, oracles } = one.cell
    return `<td${one.wrong ? ' class="wrong"' : verdict === 'absent' ? ' class="quiet"' : ''}>${xml(verdict === 'violated' ? oracles.join(' ') : verdict)}`
  }
  return [
    '<table>', `<tr><th>Linux ${xml(kernel)}${variants.map((variant) => `<th>${xml(variant)}`).join('')}`,
    ...archs.map((arch) => `<tr><th>${xml(arch)}${variants.map((variant) => at(arch, variant)).join('')}`), '</table>',
  ]
}
