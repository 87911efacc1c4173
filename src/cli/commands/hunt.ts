import { writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { UserError } from '../../engine/errors.js'
import { Checker } from '../../hunt/checker.js'
import { coverageListing } from '../../hunt/coverage-text.js'
import { type Drawn, drawn, likeness } from '../../hunt/drawn.js'
import { hunt, type HuntReport } from '../../hunt/hunt.js'
import { operations } from '../../hunt/operations/index.js'
import { groupText, reportText } from '../../hunt/report.js'
import { states } from '../../hunt/states/index.js'
import { KERNEL_HELP } from '../conditions.js'
import { drive } from '../drive.js'
import { Exit } from '../exit-codes.js'
import { HuntNotes } from '../hunt-notes.js'
import { type HuntPlanFlags, huntOptions } from '../hunt-options.js'
import { CHANGE_HELP, ownChanges, several } from '../own-changes.js'
import { type Print, printWidth } from '../print.js'
import { HuntLine } from '../progress.js'
import { saveScenes } from '../save-scenes.js'
import { checkTarget } from '../target-file.js'
import { numberOf } from '../search-options.js'

interface HuntFlags extends HuntPlanFlags {
  list?: boolean
  change?: readonly string[]
  workers?: string
  save?: string
  coverage?: string
  checkpoint?: string
  resume?: string
  orders: boolean
  draw: boolean
  format: 'text' | 'json'
  width?: string
}

const ORDERS_SECONDS = 5
/** Columns of a listing. */
const LISTED = 120

/** `mmrace hunt`: makes up scenes, and checks them all. */
export function addHunt(program: Command, print: Print, signal: AbortSignal): void {
  program.command('hunt').description('make up scenes from a catalogue of operations and states, and check them all')
    .option('--list', 'print the catalogue')
    .option('--arch <names>', 'profiles, separated by commas, or all (default arm64)')
    .option('--kernel <name>', KERNEL_HELP)
    .option('--revert <ids>', 'take commits out of the kernel')
    .option('--apply <ids>', 'put proposed changes in')
    .option('--change <file>', CHANGE_HELP, several)
    .option('--against <base>', 'report only what this kernel has not: 6.12, or with changes taken out and put in: 6.1,-70cbc3cc78a9,+NAME')
    .option('--ops <names>', 'only these operations; separated by commas, * stands for anything')
    .option('--states <names>', 'only these states, in the same way')
    .option('--lanes <n>', 'the most lanes, 1 to 4, beside a CPU that only stores', '2')
    .option('--budget <time>', 'CPU time to spend: 300, 5m, 8h', '5m')
    .option('--seed <n>', 'where the random numbers start', '1')
    .option('--first', 'stop at the first violation')
    .option('--save <folder>', 'write the smallest scene of each violation as a race file')
    .option('--coverage <file>', 'list there what was in no scene: pairs of operations by state, functions and branches of the kernel')
    .option('--checkpoint <file>', 'note there what came of each scene')
    .option('--resume <file>', 'go on with a hunt that was noted there')
    .option('--max-states <n>', 'the most states of one scene', '300k')
    .option('--workers <n>', 'check scenes with this many threads (default 1)')
    .option('--no-orders', 'leave out which orders each violation depends on')
    .option('--no-draw', 'leave out the tables')
    .addOption(new Option('--format <layout>', 'how to print').choices(['text', 'json']).default('text'))
    .option('--width <columns>', 'columns of tables (default 72)')
    .action(async (flags: HuntFlags) => {
      if (flags.list) return print(catalogue())
      const own = await ownChanges(flags.change)
      const { options } = new HuntNotes(flags, huntOptions(flags, own, signal))
      const workers = workersOf(flags)
      if (flags.coverage !== undefined) checkTarget(flags.coverage, 'report')
      const checker = new Checker(options)
      const line = new HuntLine(options.budget)
      const report = workers > 1 ? await (await import('../hunt-crew.js')).huntTogether(options, flags.change ?? [], workers, cpuSeconds(), line)
        : await drive(hunt(options, checker, cpuSeconds()), line)
      const groups: Drawn[] = []
      for (const group of report.groups.list) {
        groups.push(await drive(drawn(group, options.kernel, checker, flags.orders && flags.draw ? ORDERS_SECONDS : 0)))
      }
      if (flags.coverage !== undefined) writeFileSync(flags.coverage, coverageListing(report.coverage, LISTED))
      if (flags.save !== undefined) await saveScenes(flags.save, distinct(groups), own)
      const idle = own.filter(({ id }) => !report.executed.has(id)).map(({ id }) => id)
      print(flags.format === 'json' ? JSON.stringify(jsonOf(report, idle), undefined, 2) : [text(report, groups, flags), ...changesNothing(idle)].join('\n\n'))
      process.exitCode = signal.aborted ? Exit.interrupted : exitOfHunt(report, own.length > 0 && idle.length === own.length)
    })
}

/** `vacuous`: no scene has run any of the changes that the hunt was about. */
function exitOfHunt({ groups, failed, incomplete, stopped }: HuntReport, vacuous: boolean): number {
  if (groups.size > 0) return Exit.violated
  if (failed.length > 0) return Exit.model
  if (stopped || incomplete.length > 0) return Exit.incomplete
  return vacuous ? Exit.vacuous : Exit.holds
}

const MAX_WORKERS = 64

function workersOf({ workers }: HuntFlags): number {
  const count = numberOf('--workers', workers) ?? 1
  if (!Number.isInteger(count) || count > MAX_WORKERS) throw new UserError('bad-workers', `--workers ${workers}`, `give a whole number up to ${MAX_WORKERS}`)
  return count
}

const changesNothing = (idle: readonly string[]): string[] => idle.map((id) => `${id} changes nothing here: no scene executes it`)

/** CPU seconds of this process from now on. */
function cpuSeconds(): () => number {
  const start = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1e6
  }
}

function text(report: HuntReport, groups: readonly Drawn[], flags: HuntFlags): string {
  const width = printWidth(numberOf('--width', flags.width)) ?? 72
  const parts = distinct(groups).map((one, i) => groupText(flags.draw ? one : { ...one, trace: undefined }, i + 1, width))
  return [...parts, reportText(report)].join('\n\n')
}

/** Of groups that need the same orders, the first. */
const distinct = (groups: readonly Drawn[]): Drawn[] => {
  const known = new Set<string>()
  return groups.filter((one) => {
    const like = likeness(one)
    if (like !== undefined && known.has(like)) return false
    if (like !== undefined) known.add(like)
    return true
  })
}

const jsonOf = ({ groups, failed, incomplete, checked, total, stopped }: HuntReport, changesNothing: readonly string[]): object =>
  ({ groups: groups.list, failed, incomplete, checked, total, stopped, changesNothing })

const catalogue = (): string => [
  'operations:', ...operations.map(({ name }) => `  ${name}`),
  'states:', ...states.map(({ name, kind }) => `  ${name.padEnd(24)} ${kind}`),
].join('\n')
