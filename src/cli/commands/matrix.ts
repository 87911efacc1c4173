import type { Command } from 'commander'
import { UserError } from '../../engine/errors.js'
import { kernelNamed } from '../../race/asked.js'
import { Covering } from '../../report/coverage.js'
import { changeReport } from '../../trace/change-report.js'
import { compileLess } from '../compile-less.js'
import { KERNEL_HELP, kernelList, profilesNamed } from '../conditions.js'
import { casesOf } from '../matrix/cases-of.js'
import { type CellJob, jobsOf, type NamedRace } from '../matrix/cell-job.js'
import { exitOfChange } from '../matrix/exit-of-change.js'
import { searchAll } from '../matrix/search-all.js'
import { selected, type SelectionFlags } from '../matrix/selected.js'
import { Teller, type TellFlags } from '../matrix/tell.js'
import { optionWords } from '../option-words.js'
import { CHANGE_HELP, ownChanges, several } from '../own-changes.js'
import type { Print } from '../print.js'
import { builtInRaces, loadRace } from '../races.js'
import { REPORTER_HELP } from '../reporters.js'
import { numberOf } from '../search-options.js'

export interface MatrixFlags extends TellFlags, SelectionFlags {
  arch?: string
  kernel?: string
  kernels?: string
  all?: boolean
  maxSeconds?: string
  change?: readonly string[]
  cache?: string
  watch?: boolean
  queue?: string
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
    .option('--cache <folder>', 'keep verdicts there, and take those that nothing has changed that they rest on')
    .option('--last-failed', 'only what was not as expected when it was last searched with this --cache')
    .option('--shard <i/n>', 'one of n parts of the work, of about the same time; mmrace merge puts results together')
    .option('--coverage', 'say which functions, branches and changes were entered, and what was reached')
    .option('--coverage-html <file>', 'the same as a page')
    .option('--queue <url>', 'hand the work out to those who run mmrace work there')
    .option('--watch', 'search again whatever a change of a file touches, until it is interrupted')
    .action(async (names: string[], flags: MatrixFlags, command: Command) => {
      compileLess()
      const wanted = flags.all ? builtInRaces() : names
      if (wanted.length === 0) throw new UserError('no-race', 'no race named', 'name some, or use --all; mmrace list shows them')
      if (flags.kernel !== undefined && flags.kernels !== undefined) throw new UserError('two-kernels', '--kernel and --kernels', 'name one kernel or several')
      if (flags.change) refuseWithChange(flags)
      const teller = new Teller(flags, print)
      if (flags.watch) return void (process.exitCode = await (await import('../matrix/watch.js')).watch(wanted, optionWords(command, ['watch']), signal))
      await matrix(wanted, flags, teller, print, signal)
    })
}

/** What is of kernels as released makes no sense with a change. */
function refuseWithChange(flags: MatrixFlags): void {
  if (flags.show) throw new UserError('show-change', '--show with --change', 'mmrace check RACE --change FILE shows one race')
  const without = (['reporter', 'cache', 'lastFailed', 'shard', 'coverage', 'coverageHtml', 'queue'] as const).find((name) => flags[name] !== undefined)
  if (without === undefined) return
  const option = `--${without.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  throw new UserError('not-with-change', `${option} with --change`, 'it is of what races say of kernels as released; --format json has both')
}

async function matrix(wanted: readonly string[], flags: MatrixFlags, teller: Teller, print: Print, signal: AbortSignal): Promise<void> {
  const date = new Date()
  const archs = profilesNamed(flags.arch)
  const kernels = flags.kernels === undefined ? [kernelNamed(flags.kernel)] : kernelList(flags.kernels)
  const own = await ownChanges(flags.change)
  const races = await Promise.all(wanted.map(async (name) => ({ name, race: await loadRace(name) })))
  const seconds = numberOf('--max-seconds', flags.maxSeconds) ?? DEFAULT_SECONDS
  const coverage = (flags.coverage ?? false) || flags.coverageHtml !== undefined
  const cache = flags.cache === undefined ? undefined : new (await import('../cache/verdict-cache.js')).VerdictCache(flags.cache)
  const tell = { ...(cache && { functions: true }), ...(coverage && { coverage }) }
  const { jobs, part } = selected(jobsOf(races, { archs, kernels, seconds, changes: flags.change ?? [], tell }), flags, cache)
  const raceOf = (job: CellJob): NamedRace => races.find(({ name }) => name === job.race)!
  const covering = coverage ? new Covering() : undefined
  const { found, failed } = flags.queue === undefined ? await searchAll(jobs, raceOf, cache, signal)
    : await (await import('../queue/search-on-queue.js')).searchOnQueue(flags.queue, wanted, jobs, raceOf, cache, signal)
  const all = found.map(([, done]) => done)
  if (own.length > 0) {
    print(flags.format === 'json' ? JSON.stringify(all, undefined, 2) : changeReport(own.map(({ id }) => id), all))
    process.exitCode = exitOfChange(all)
    return
  }
  for (const { before, covered } of all) if (covered) covering?.add(before.race, covered)
  const kept = all.filter(({ cached }) => cached).length
  const status = await teller.tell({
    races: races.map(({ race }) => race), cells: all.map(({ before }) => before), date,
    cases: () => casesOf(found.map(([job, done]) => [raceOf(job), done])),
    ...(teller.reports && { model: new (await import('../cache/foundations.js')).Foundations().model }),
    ...(part && { part: { ...part, at: found.map(([job]) => part.at[jobs.indexOf(job)]!) } }),
    ...(covering && { coverage: covering.of(races.map(({ race }) => race)) }),
    ...(cache && { note: all.length === 0 ? 'nothing to search' : `${kept} of ${all.length} verdicts from ${flags.cache}` }),
  })
  process.exitCode = failed ?? status
}
