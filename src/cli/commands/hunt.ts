import { type Command, Option } from 'commander'
import { UserError } from '../../engine/errors.js'
import { Checker } from '../../hunt/checker.js'
import { type Drawn, drawn, likeness } from '../../hunt/drawn.js'
import { hunt, type HuntOptions, type HuntReport } from '../../hunt/hunt.js'
import { operations } from '../../hunt/operations/index.js'
import { coverageText, groupText } from '../../hunt/report.js'
import { states } from '../../hunt/states/index.js'
import { kernelNamed } from '../../race/asked.js'
import { archList, KERNEL_HELP } from '../conditions.js'
import { drive } from '../drive.js'
import { Exit } from '../exit-codes.js'
import { HuntNotes } from '../hunt-notes.js'
import { type Print, printWidth } from '../print.js'
import { HuntLine } from '../progress.js'
import { saveScenes } from '../save-scenes.js'
import { numberOf } from '../search-options.js'

interface HuntFlags {
  list?: boolean
  arch?: string
  kernel?: string
  revert?: string
  apply?: string
  against?: string
  ops?: string
  states?: string
  lanes?: string
  budget: string
  seed?: string
  first?: boolean
  save?: string
  checkpoint?: string
  resume?: string
  maxStates?: string
  orders: boolean
  draw: boolean
  format: 'text' | 'json'
  width?: string
}

const ORDERS_SECONDS = 5

/** `mmrace hunt`: makes up scenes, and checks them all. */
export function addHunt(program: Command, print: Print, signal: AbortSignal): void {
  program.command('hunt').description('make up scenes from a catalogue of operations and states, and check them all')
    .option('--list', 'print the catalogue')
    .option('--arch <names>', 'profiles, separated by commas, or all (default arm64)')
    .option('--kernel <name>', KERNEL_HELP)
    .option('--revert <ids>', 'take commits out of the kernel')
    .option('--apply <ids>', 'put proposed changes in')
    .option('--against <base>', 'report only what this kernel, as released, has not')
    .option('--ops <names>', 'only these operations; separated by commas, * stands for anything')
    .option('--states <names>', 'only these states, in the same way')
    .option('--lanes <n>', 'the most lanes, 1 to 4, beside a CPU that only stores', '2')
    .option('--budget <time>', 'CPU time to spend: 300, 5m, 8h', '5m')
    .option('--seed <n>', 'where the random numbers start', '1')
    .option('--first', 'stop at the first violation')
    .option('--save <folder>', 'write the smallest scene of each violation as a race file')
    .option('--checkpoint <file>', 'note there what came of each scene')
    .option('--resume <file>', 'go on with a hunt that was noted there')
    .option('--max-states <n>', 'the most states of one scene', '300k')
    .option('--no-orders', 'leave out which orders each violation depends on')
    .option('--no-draw', 'leave out the tables')
    .addOption(new Option('--format <layout>', 'how to print').choices(['text', 'json']).default('text'))
    .option('--width <columns>', 'columns of tables (default 72)')
    .action(async (flags: HuntFlags) => {
      if (flags.list) return print(catalogue())
      const notes = new HuntNotes(flags, huntOptions(flags, signal))
      const { options } = notes
      const checker = new Checker(options)
      const report = await drive(hunt(options, checker, cpuSeconds()), new HuntLine(options.budget))
      const groups: Drawn[] = []
      for (const group of report.groups.list) {
        groups.push(await drive(drawn(group, options.kernel, checker, flags.orders && flags.draw ? ORDERS_SECONDS : 0)))
      }
      if (flags.save !== undefined) await saveScenes(flags.save, distinct(groups))
      print(flags.format === 'json' ? JSON.stringify(jsonOf(report), undefined, 2) : text(report, groups, flags))
      process.exitCode = signal.aborted ? Exit.interrupted : report.groups.size > 0 ? Exit.violated : report.failed.length > 0 ? Exit.model
        : report.stopped || report.incomplete.length > 0 ? Exit.incomplete : Exit.holds
    })
}

function huntOptions(flags: HuntFlags, signal: AbortSignal): HuntOptions {
  const lanes = Number(flags.lanes)
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > 4) throw new UserError('bad-lanes', `--lanes ${flags.lanes}`, 'give 1, 2, 3 or 4')
  return {
    archs: archList(flags.arch), states: matching('state', states, flags.states), operations: matching('operation', operations, flags.ops),
    lanes, seed: numberOf('--seed', flags.seed, 0) ?? 1, budget: secondsOf(flags.budget), first: flags.first ?? false,
    kernel: { kernel: kernelNamed(flags.kernel), revert: split(flags.revert), apply: split(flags.apply) },
    ...(flags.against !== undefined && { against: { kernel: kernelNamed(flags.against) } }),
    bounds: { states: numberOf('--max-states', flags.maxStates) ?? 300_000, seconds: 60, signal },
  }
}

const split = (list: string | undefined): string[] => list?.split(',').map((part) => part.trim()).filter((part) => part !== '') ?? []

/** Of the catalogue, what was asked for by name. */
function matching<T extends { readonly name: string }>(what: string, all: readonly T[], names: string | undefined): readonly T[] {
  if (names === undefined) return all
  const patterns = split(names)
  const isLike = (pattern: string) => {
    const shape = new RegExp(`^${pattern.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('.*')}$`)
    return ({ name }: T): boolean => shape.test(name)
  }
  const without = patterns.find((pattern) => !all.some(isLike(pattern)))
  if (without !== undefined) throw new UserError(`unknown-${what}`, `there is no ${what} "${without}"`, 'mmrace hunt --list shows those there are')
  return all.filter((one) => patterns.some((pattern) => isLike(pattern)(one)))
}

function secondsOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text)
  const seconds = match ? Number(match[1]) * { '': 1, s: 1, m: 60, h: 3600 }[match[2] as '' | 's' | 'm' | 'h'] : 0
  if (seconds <= 0) throw new UserError('bad-budget', `--budget ${text} is not a time`, 'give seconds, or 5m, or 8h')
  return seconds
}

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
  return [...parts, coverageText(report)].join('\n\n')
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

const jsonOf = ({ groups, failed, incomplete, checked, total, stopped }: HuntReport): object =>
  ({ groups: groups.list, failed, incomplete, checked, total, stopped })

const catalogue = (): string => [
  'operations:', ...operations.map(({ name }) => `  ${name}`),
  'states:', ...states.map(({ name, kind }) => `  ${name.padEnd(24)} ${kind}`),
].join('\n')
