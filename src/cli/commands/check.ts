import { existsSync, writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { UserError } from '../../engine/errors.js'
import type { Change } from '../../kernel/changes/change.js'
import { boot, type Conditions } from '../../race/boot.js'
import { checkRace, type Outcome } from '../../race/check.js'
import { featureAbsent, missingFeatures } from '../../race/features.js'
import type { Race } from '../../race/race.js'
import { type Drawing, DRAWINGS, drawing } from '../../trace/drawings.js'
import { type Layout, LAYOUTS, layout } from '../../trace/layouts.js'
import { lockReport } from '../../trace/lock-report.js'
import { type Orders, type OrdersBound, ordersOf } from '../../trace/orders.js'
import { report } from '../../trace/report.js'
import { resultJson } from '../../trace/result-json.js'
import { type Trace, traceOf } from '../../trace/trace.js'
import { type CheckpointFlags, Checkpoints } from '../checkpoints.js'
import { compileLess } from '../compile-less.js'
import { type ConditionFlags, conditionsOf, KERNEL_HELP } from '../conditions.js'
import { drive } from '../drive.js'
import { exitOf, worstOf } from '../exit-codes.js'
import { type Print, printWidth } from '../print.js'
import { ProgressLine } from '../progress.js'
import { legend } from '../legend.js'
import { isFile } from '../is-file.js'
import { CHANGE_HELP, ownChanges, several } from '../own-changes.js'
import { loadRace } from '../races.js'
import { addSearchOptions, exploreOptions, numberOf, type SearchFlags } from '../search-options.js'
import { checkTarget } from '../target-file.js'

interface CheckFlags extends ConditionFlags, SearchFlags, CheckpointFlags {
  format: Layout | Drawing | 'json'
  width?: string
  steps?: 'all'
  numbers?: boolean
  trace?: string
  orders: boolean
  ordersSeconds?: string
  types?: boolean
  weak?: boolean
  legend?: boolean
  html?: string
}

/** `mmrace check`: one race, on one profile or several. */
export function addCheck(program: Command, print: Print, signal: AbortSignal): void {
  const command = program.command('check').description('search a race: a verdict, and the interleaving if there is one')
    .argument('<race>', 'a name from mmrace list, or a file')
    .optionsGroup('Which form of the race:')
    .option('--arch <names>', 'profiles, separated by commas, or all (default arm64)')
    .option('--kernel <name>', KERNEL_HELP)
    .option('--revert <ids>', 'take changes out of the kernel')
    .option('--apply <ids>', 'put changes in that it does not have')
    .option('--bug', 'the bug form that the race declares')
    .option('--variant <name>', 'any form that the race declares (default fixed)')
    .option('--change <file>', CHANGE_HELP, several)
    .optionsGroup('What to print:')
    .addOption(new Option('--format <layout>', 'how to print').choices([...LAYOUTS, ...DRAWINGS, 'json']).default('table'))
    .option('--width <columns>', 'columns of the table (default 72)')
    .addOption(new Option('--steps <which>', 'show every step').choices(['all']))
    .option('--numbers', 'number the steps, A1, B2, …')
    .option('--no-orders', 'leave out which orders the violation depends on')
    .option('--orders-seconds <n>', 'how long to look for them, instead of a number of states')
    .option('--legend', 'say what the marks of the table mean')
    .option('--types', 'of a race file: check its types first, with the TypeScript that is installed beside it')
    .option('--weak', 'where it holds, look at what weak memory may do: the critical cycles of its lanes')
    .optionsGroup('What to keep:')
    .option('--trace <file>', 'save the run for mmrace replay')
    .option('--html <file>', 'save a page to look at: one file, works offline')
    .option('--checkpoint <file>', 'save the search on the way, and when it stops early')
    .option('--checkpoint-seconds <n>', 'how often', '300')
    .option('--resume <file>', 'go on with a search that was saved')
  addSearchOptions(command.optionsGroup('How to search:')).action(async (name: string, flags: CheckFlags) => {
    compileLess()
    if (flags.types) await checkTypes([name, ...flags.change ?? []])
    const own = await ownChanges(flags.change)
    const race = await loadRace(name, own)
    const outcomes: Outcome[] = []
    const absent: string[] = []
    const all = conditionsOf(race, flags, own)
    if (flags.html && all.length > 1) throw new UserError('one-page', '--html shows one profile', 'name one with --arch; mmrace gallery writes a page for each variant')
    if ((flags.checkpoint || flags.resume) && all.length > 1) throw new UserError('one-search', 'a checkpoint is of one profile', 'name one with --arch')
    const bound = ordersBound(flags)
    if (flags.trace) checkTarget(flags.trace, 'trace')
    if (flags.html) checkTarget(flags.html, 'page')
    for (const conditions of all) {
      const missing = missingFeatures(race, conditions.arch, conditions.kernel)
      if (missing.length > 0 && all.length > 1) {
        absent.push(conditions.arch)
        if (flags.format !== 'json') print(`${outcomes.length + absent.length > 1 ? '\n' : ''}ABSENT  ${conditions.arch} has no ${missing.join(', ')}, which the race is about`)
        continue
      }
      const checkpoints = new Checkpoints(flags, name, race, conditions)
      const exhaustive = flags.strategy === undefined || flags.strategy === 'exhaustive'
      const options = { ...exploreOptions(flags, signal), ...checkpoints.options, ...(exhaustive && { estimate: true }) }
      const progress = new ProgressLine(conditions.arch)
      const workers = numberOf('--workers', flags.workers) ?? 1
      const known = workers > 1 ? await (await import('../parallel-result.js')).parallelResult(race, { name, conditions, changes: flags.change ?? [] }, options, workers, progress) : undefined
      const outcome = await drive(checkRace(race, conditions, options, known), progress)
      const idle = own.filter(({ id }) => !outcome.result.stats.cameBy?.includes(id))
      const trace = outcome.shown && traceOf(outcome.loaded, outcome.shown.found)
      const orders = trace && flags.orders ? await drive(ordersOf(() => boot(race, conditions), trace, bound)) : undefined
      if (flags.format !== 'json') print(`${outcomes.length + absent.length > 0 ? '\n' : ''}${text(outcome, trace, orders, flags)}${changesNothing(idle)}${checkpoints.goOn(outcome.result)}`)
      if (flags.weak && outcome.result.verdict === 'holds' && flags.format !== 'json') (await weakLines(race, conditions)).forEach(print)
      if (trace && flags.trace) writeFileSync(flags.trace, (await import('../../trace/trace-file.js')).saveTrace(outcome, trace, name, flags.change))
      if (flags.html) writeFileSync(flags.html, await pageOfOutcome(outcome, orders, name, flags.change))
      outcomes.push(outcome)
    }
    if (outcomes.length === 0) throw featureAbsent(absent.join(', '), missingFeatures(race, absent[0]!, all[0]!.kernel), all[0]!.kernel)
    if (flags.format === 'json') print(JSON.stringify([...outcomes.map((o) => resultJson(o)), ...absent.map((arch) => ({ race: race.name, arch, verdict: 'absent' }))], undefined, 2))
    process.exitCode = worstOf(outcomes.map((outcome) => exitOf(outcome, flags.allowIncomplete ?? false)))
  })
}

function ordersBound({ ordersSeconds, orders }: CheckFlags): OrdersBound | undefined {
  if (ordersSeconds !== undefined && !orders) throw new UserError('no-orders', '--orders-seconds with --no-orders', 'leave one of them out')
  const seconds = numberOf('--orders-seconds', ordersSeconds)
  return seconds === undefined ? undefined : { seconds }
}

/** Of the user's files; those of the package have been. */
async function checkTypes(names: readonly string[]): Promise<void> {
  const files = names.filter(isFile)
  if (files.length === 0) throw new UserError('no-types', '--types is for a file, and a race that comes with mmrace is none', 'mmrace check my-race.ts --types')
  const { typeCheck } = await import('../type-check.js')
  // What is not there is said as it is without --types.
  files.filter((file) => existsSync(file)).forEach(typeCheck)
}

/** What weak memory may do to a race that holds, and the worst of it drawn. */
async function weakLines(race: Race, conditions: Conditions): Promise<string[]> {
  const { raceTests } = await import('../../weak/race-tests.js')
  const { groupsOf, weakExplained, weakSummary } = await import('../../weak/weak-text.js')
  const groups = groupsOf(raceTests(race.name, boot(race, conditions)))
  const lines = ['', `  holds under sequential consistency; ${weakSummary(groups)}`]
  const worst = groups[0]?.test
  return worst?.lkmm ? [...lines, '', ...weakExplained(worst).map((line) => `  ${line}`)] : lines
}

async function pageOfOutcome(outcome: Outcome, orders: Orders | undefined, name: string, changes?: readonly string[]): Promise<string> {
  const { pageOf, racePaged } = await import('../page-file.js')
  const { viewOfOutcome } = await import('../../ui/view/view-of.js')
  return pageOf(viewOfOutcome({ ...outcome, race: await racePaged(outcome.race, name, changes) }, orders), name, `${outcome.race.name} on ${outcome.conditions.arch}`, changes)
}

const isDrawing = (format: CheckFlags['format']): format is Drawing => (DRAWINGS as readonly string[]).includes(format)

/** How one goes on from a table. */
const whatNext = ({ trace }: CheckFlags): string =>
  (trace === undefined ? 'more: --steps all (every step), --html F (a page), --trace F (to replay)' : `replay: mmrace replay ${trace}`)

const changesNothing = (idle: readonly Change[]): string => idle.map(({ id }) => `\n\n  ${id} changes nothing here: no run executes it`).join('')

function text(outcome: Outcome, trace: Trace | undefined, orders: Orders | undefined, flags: CheckFlags): string {
  const options = { width: printWidth(numberOf('--width', flags.width)), allSteps: flags.steps === 'all', numbers: flags.numbers ?? false }
  const plain = report(outcome, trace, options, orders)
  if (flags.format === 'json') return plain
  if (flags.format === 'lockdep' && outcome.lockCycles.length > 0) return lockReport(outcome.lockCycles, options.width ?? 72).join('\n')
  if (trace && isDrawing(flags.format)) return drawing(flags.format, trace, outcome.race.name, options.width)
  const shown = trace && !isDrawing(flags.format) ? layout(flags.format, plain, trace, options) : plain
  const marks = flags.legend ? ['', legend(shown, trace?.violation ? [trace.violation.oracle] : [], options.width ?? 72)] : []
  const next = trace && flags.format === 'table' ? ['', `  ${whatNext(flags)}`] : []
  return [shown, ...marks, ...next].join('\n')
}
