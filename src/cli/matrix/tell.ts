import { writeFileSync } from 'node:fs'
import { UserError } from '../../engine/errors.js'
import { boot } from '../../race/boot.js'
import type { Cell } from '../../race/cell.js'
import { checkRace, conditionsOf } from '../../race/check.js'
import type { Race } from '../../race/race.js'
import type { Case, Part } from '../../report/case.js'
import type { Coverage } from '../../report/coverage.js'
import { matrixTable, tally } from '../../trace/matrix-table.js'
import { ordersOf } from '../../trace/orders.js'
import { report } from '../../trace/report.js'
import { traceOf } from '../../trace/trace.js'
import { drive } from '../drive.js'
import { Exit } from '../exit-codes.js'
import { legend } from '../legend.js'
import type { Print } from '../print.js'
import { Reporters } from '../reporters.js'
import { checkReportTarget } from '../target-file.js'
import { version } from '../version.js'

/** How to tell of a matrix. */
export interface TellFlags {
  format: string
  show?: boolean
  legend?: boolean
  reporter?: readonly string[]
  coverage?: boolean
  coverageHtml?: string
}

/** What there is to tell. */
export interface Told {
  readonly races: readonly Race[]
  readonly cells: readonly Cell[]
  /** Made when a report is wanted: what is wrong is looked at again for its interleaving. */
  readonly cases: () => Promise<readonly Case[]>
  readonly date: Date
  readonly part?: Part
  /** The hash of the model's sources, for reports. */
  readonly model?: string
  readonly coverage?: Coverage
  /** Said at the end. */
  readonly note?: string
}

/** Tells of a matrix as the options say: tables, JSON, reports, coverage. What makes no sense is refused before there is anything to tell. */
export class Teller {
  private readonly reporters: Reporters

  constructor(private readonly flags: TellFlags, private readonly print: Print) {
    if (!['table', 'json'].includes(flags.format)) throw new UserError('bad-format', `no format "${flags.format}"`, 'use table or json')
    this.reporters = Reporters.of(flags.reporter)
    const instead = this.reporters.printsInstead
    if (instead && (flags.format !== 'table' || flags.show || flags.legend || flags.coverage)) {
      throw new UserError('two-outputs', `--reporter ${instead} prints in place of the tables`, `--reporter ${instead}=FILE leaves them`)
    }
    if (flags.coverage && flags.format !== 'table') throw new UserError('two-outputs', '--coverage is a text beside tables', '--reporter json=FILE has it for programs')
    if (flags.coverageHtml !== undefined) checkReportTarget(flags.coverageHtml)
  }

  get reports(): boolean {
    return this.reporters.any
  }

  /** Returns the exit status. */
  async tell(told: Told): Promise<number> {
    const { format } = this.flags
    const races = told.races.filter((race) => told.cells.some((cell) => cell.race === race.name))
    const tables = races.map((race) => matrixTable(race, told.cells.filter((cell) => cell.race === race.name)))
    if (!this.reporters.printsInstead) {
      if (format === 'json') this.print(JSON.stringify(told.cells, undefined, 2))
      else await this.tables(races, tables, told)
    }
    if (this.reporters.any) {
      const { date, part, coverage, model } = told
      this.reporters.write({ version: version(), date, cases: await told.cases(), text: tables.join('\n\n'), ...(model !== undefined && { model }), ...(part && { part }), ...(coverage && { coverage }) }, this.print)
    }
    if (told.coverage) await this.covered(told.coverage)
    return told.cells.every((cell) => cell.asExpected) ? Exit.holds : Exit.violated
  }

  private async tables(races: readonly Race[], tables: readonly string[], { cells, note }: Told): Promise<void> {
    for (const [i, race] of races.entries()) {
      this.print(`${i > 0 ? '\n' : ''}${tables[i]}`)
      const bad = this.flags.show ? cells.find((cell) => cell.race === race.name && cell.verdict === 'violated') : undefined
      if (bad) this.print(`\n${await interleaving(race, bad)}`)
    }
    if (this.flags.legend) this.print(`\n${legend(tables.join('\n'), [...new Set(cells.flatMap(({ oracles }) => oracles))].toSorted(), 80)}`)
    if (races.length > 1) this.print(`\n${races.length} races: ${tally(cells)}`)
    if (note !== undefined) this.print(note)
  }

  private async covered(coverage: Coverage): Promise<void> {
    const { coverageHtml, coverageText } = await import('../../report/coverage-text.js')
    if (this.flags.coverage) this.print(`\n${coverageText(coverage)}`)
    if (this.flags.coverageHtml === undefined) return
    const { lineOfSource } = await import('../source-line.js')
    writeFileSync(this.flags.coverageHtml, coverageHtml(coverage, lineOfSource()))
  }
}

async function interleaving(race: Race, { arch, kernel, variant }: Cell): Promise<string> {
  const conditions = conditionsOf(race.variants[variant]!, arch, kernel)
  const outcome = await drive(checkRace(race, conditions))
  if (!outcome.shown) return report(outcome, undefined, {})
  const trace = traceOf(outcome.loaded, outcome.shown.found)
  return report(outcome, trace, {}, await drive(ordersOf(() => boot(race, conditions), trace)))
}
