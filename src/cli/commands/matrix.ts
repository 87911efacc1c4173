import type { Command } from 'commander'
import { UserError } from '../../engine/errors.js'
import { boot } from '../../race/boot.js'
import type { Cell } from '../../race/cell.js'
import type { ChangeCell } from '../../race/change-cell.js'
import { checkRace, conditionsOf } from '../../race/check.js'
import type { Race } from '../../race/race.js'
import { changeReport, turnOf } from '../../trace/change-report.js'
import { matrixTable, tally } from '../../trace/matrix-table.js'
import { ordersOf } from '../../trace/orders.js'
import { report } from '../../trace/report.js'
import { traceOf } from '../../trace/trace.js'
import { kernelNamed } from '../../race/asked.js'
import { compileLess } from '../compile-less.js'
import { KERNEL_HELP, kernelList, profilesNamed } from '../conditions.js'
import { drive } from '../drive.js'
import { Exit } from '../exit-codes.js'
import { legend } from '../legend.js'
import { Cases } from '../matrix/cases.js'
import { type CellDone, type CellJob, jobsOf, jobText, type NamedRace } from '../matrix/cell-job.js'
import { CellFailure, searchCells } from '../matrix/search-cells.js'
import { CHANGE_HELP, ownChanges, several } from '../own-changes.js'
import type { Print } from '../print.js'
import { CountLine } from '../progress.js'
import { builtInRaces, loadRace } from '../races.js'
import { REPORTER_HELP, Reporters } from '../reporters.js'
import { numberOf } from '../search-options.js'
import { version } from '../version.js'

interface MatrixFlags {
  arch?: string
  kernel?: string
  kernels?: string
  all?: boolean
  show?: boolean
  legend?: boolean
  maxSeconds?: string
  format: string
  change?: readonly string[]
  reporter?: readonly string[]
}

const DEFAULT_SECONDS = 60

/** `mmrace matrix`: every profile × variant of some races, against what history says. */
export function addMatrix(program: Command, print: Print, signal: AbortSignal): void {
  program.command('matrix').description('verdicts of races on every profile, with and without their fixes')
    .argument('[race...]', 'names or files')
    .option('--all', 'every race that comes with mmrace')
    .option('--arch <names>', 'profiles, separated by commas (default all)')
    .option('--kernel <name>', KERNEL_HELP)
    .option('--kernels <names>', 'several, separated by commas, or all: a table for each')
    .option('--change <file>', CHANGE_HELP, several)
    .option('--legend', 'say what the marks of the tables mean')
    .option('--show', 'print the interleaving of the first violation')
    .option('--max-seconds <n>', `the most that one verdict may take (default ${DEFAULT_SECONDS})`)
    .option('--format <layout>', 'table or json', 'table')
    .option('--reporter <name[=file]>', REPORTER_HELP, several)
    .action(async (names: string[], flags: MatrixFlags) => {
      compileLess()
      const wanted = flags.all ? builtInRaces() : names
      if (wanted.length === 0) throw new UserError('no-race', 'no race named', 'name some, or use --all; mmrace list shows them')
      if (!['table', 'json'].includes(flags.format)) throw new UserError('bad-format', `no format "${flags.format}"`, 'use table or json')
      const archs = profilesNamed(flags.arch)
      if (flags.kernel !== undefined && flags.kernels !== undefined) throw new UserError('two-kernels', '--kernel and --kernels', 'name one kernel or several')
      const kernels = flags.kernels === undefined ? [kernelNamed(flags.kernel)] : kernelList(flags.kernels)
      if (flags.change && flags.show) throw new UserError('show-change', '--show with --change', 'mmrace check RACE --change FILE shows one race')
      const date = new Date()
      const reporters = Reporters.of(flags.reporter)
      if (reporters.any && flags.change) throw new UserError('report-change', '--reporter with --change', 'a report is of what races say of kernels as released; --format json has both')
      if (reporters.printsInstead && (flags.format !== 'table' || flags.show || flags.legend)) {
        throw new UserError('two-outputs', `--reporter ${reporters.printsInstead} prints in place of the tables`, `--reporter ${reporters.printsInstead}=FILE leaves them`)
      }
      const own = await ownChanges(flags.change)
      const races = await Promise.all(wanted.map(async (name) => ({ name, race: await loadRace(name) })))
      const seconds = numberOf('--max-seconds', flags.maxSeconds) ?? DEFAULT_SECONDS
      const all = await searchAll(jobsOf(races, { archs, kernels, seconds, changes: flags.change ?? [] }), signal)
      if (own.length > 0) {
        print(flags.format === 'json' ? JSON.stringify(all, undefined, 2) : changeReport(own.map(({ id }) => id), all))
        process.exitCode = exitOfChange(all)
        return
      }
      const cells = all.map(({ before }) => before)
      const tables: string[] = []
      if (reporters.printsInstead) races.forEach(({ race }) => tables.push(matrixTable(race, cells.filter((cell) => cell.race === race.name))))
      else if (flags.format === 'json') print(JSON.stringify(cells, undefined, 2))
      else for (const [i, { race }] of races.entries()) {
        const own = cells.filter((cell) => cell.race === race.name)
        tables.push(matrixTable(race, own))
        print(`${i > 0 ? '\n' : ''}${tables[i]}`)
        const bad = flags.show ? own.find((cell) => cell.verdict === 'violated') : undefined
        if (bad) print(`\n${await interleaving(race, bad)}`)
      }
      if (flags.legend && flags.format === 'table') print(`\n${legend(tables.join('\n'), [...new Set(cells.flatMap(({ oracles }) => oracles))].toSorted(), 80)}`)
      if (flags.format === 'table' && races.length > 1 && !reporters.printsInstead) print(`\n${races.length} races: ${tally(cells)}`)
      if (reporters.any) reporters.write({ version: version(), date, cases: await casesOf(races, all), text: tables.join('\n\n') }, print)
      process.exitCode = cells.every((cell) => cell.asExpected) ? Exit.holds : Exit.violated
    })
}

/** A change is no good that breaks something; nothing is known of one that nothing has run. */
function exitOfChange(cells: readonly ChangeCell[]): number {
  const turns = new Set(cells.map(turnOf))
  if (turns.has('breaks') || turns.has('other')) return Exit.violated
  if (turns.has('unknown')) return Exit.incomplete
  return cells.some(({ executed }) => executed.length > 0) ? Exit.holds : Exit.vacuous
}

async function casesOf(races: readonly NamedRace[], all: readonly CellDone[]) {
  const cases = new Cases()
  const told = []
  for (const one of all) told.push(await cases.of(races.find(({ race }) => race.name === one.before.race)!, one))
  return told
}

/** In the order of the jobs. */
async function searchAll(jobs: readonly CellJob[], signal: AbortSignal): Promise<CellDone[]> {
  const cells = new Map<CellJob, CellDone>()
  const progress = new CountLine('verdicts', jobs.length)
  try {
    await searchCells(jobs, (cell, job) => {
      cells.set(job, cell)
      progress.update(cells.size, `${job.race} ${job.variant} ${job.arch} ${job.kernel}`)
    }, signal)
  } catch (error) {
    if (!(error instanceof CellFailure)) throw error
    const { job, code, message } = error
    process.stderr.write(`${message}\n  in ${jobText(job)}\n`)
    process.exitCode = code
    throw error
  } finally {
    progress.done()
  }
  return jobs.map((job) => cells.get(job)!)
}

async function interleaving(race: Race, { arch, kernel, variant }: Cell): Promise<string> {
  const conditions = conditionsOf(race.variants[variant]!, arch, kernel)
  const outcome = await drive(checkRace(race, conditions))
  if (!outcome.shown) return report(outcome, undefined, {})
  const trace = traceOf(outcome.loaded, outcome.shown.found)
  return report(outcome, trace, {}, await drive(ordersOf(() => boot(race, conditions), trace)))
}
