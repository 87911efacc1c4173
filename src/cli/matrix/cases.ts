import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { variantLines } from '../../instrument/variant-lines.js'
import type { Cell } from '../../race/cell.js'
import { checkRace, conditionsOf } from '../../race/check.js'
import { type Case, expectedOf, type PlacedStep, placeOf, ruleOf, type Wrong } from '../../report/case.js'
import { report } from '../../trace/report.js'
import { type Trace, traceOf } from '../../trace/trace.js'
import { headline } from '../../trace/verdict.js'
import { drive } from '../drive.js'
import { isFile } from '../is-file.js'
import { kernelFileOf } from '../kernel-function.js'
import { sourceText } from '../page-bundle.js'
import type { CellDone, NamedRace } from './cell-job.js'

/** Interleavings are looked for anew, some seconds each: for so many verdicts that are not as the race says. */
const MOST_TABLES = 40

/** Verdicts as reports tell them: where each is expected, and what is wrong, with an interleaving for the first of each kind. */
export class Cases {
  private readonly lines = new Map<string, (variant: string) => number>()
  private readonly tables = new Map<string, Wrong>()

  async of({ name, race }: NamedRace, { after: cell, milliseconds, cached }: CellDone): Promise<Case> {
    const expected = expectedOf(race, cell)
    const file = isFile(name) ? path.relative('.', name) : `races/${name}.ts`
    return {
      cell, expected, file, line: this.lineOf(name, file)(cell.variant), milliseconds, ...(cached && { cached }),
      ...(!cell.asExpected && { wrong: await this.wrong({ name, race }, cell, expected) }),
    }
  }

  private lineOf(name: string, file: string): (variant: string) => number {
    const known = this.lines.get(name)
    if (known) return known
    const text = isFile(name) ? readFileSync(name, 'utf8') : textOf(file)
    const lines = text === undefined ? () => 1 : variantLines(text, path.resolve(file))
    this.lines.set(name, lines)
    return lines
  }

  /** Two architectures with the same oracles have the same interleaving, as a rule: it is told for the first. */
  private async wrong({ race }: NamedRace, cell: Cell, expected: string): Promise<Wrong> {
    const rule = ruleOf(cell, expected)
    const message = `expected to ${expected}, and ${said(cell)}`
    const kind = [race.name, cell.variant, cell.kernel, cell.verdict, ...cell.oracles, ...cell.neverReached].join(' ')
    const like = this.tables.get(kind)
    if (like) return { ...like, rule, message, text: `as ${like.message}\n\n${like.text}` }
    if (this.tables.size >= MOST_TABLES) return { rule, message, text: `${message}\n\nmmrace check ${race.name} --variant ${cell.variant} --arch ${cell.arch} --kernel ${cell.kernel} shows it`, lanes: [], steps: [] }
    const outcome = await drive(checkRace(race, conditionsOf(race.variants[cell.variant]!, cell.arch, cell.kernel), { seconds: 60 }))
    const trace = outcome.shown && traceOf(outcome.loaded, outcome.shown.found)
    const first: Wrong = { rule, message, text: report(outcome, trace, {}), lanes: trace?.lanes ?? [], steps: trace ? placed(trace) : [] }
    this.tables.set(kind, { ...first, message: `${placeOf(cell)}: ${headline(outcome)}` })
    return first
  }
}

const said = ({ verdict, oracles, neverReached }: Cell): string =>
  (verdict === 'violated' ? `violates ${oracles.join(' ')}` : verdict === 'holds' && neverReached.length > 0 ? `no run comes to ${neverReached.join(', ')}`
    : verdict === 'holds' ? 'holds' : 'is not searched to the end')

/** The text of a race that comes with mmrace. */
const textOf = (file: string): string | undefined => {
  try {
    return sourceText(file)
  } catch {
    // A build without the page has no sources.
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }
}

const placed = ({ steps }: Trace): PlacedStep[] => steps.map(({ lane, label, source, calls }) => {
  const fn = calls.findLast((name) => kernelFileOf(name) !== undefined)
  return { lane, label, ...(source !== undefined && { source }), ...(fn !== undefined && { fn, kernelFile: kernelFileOf(fn)! }) }
})
