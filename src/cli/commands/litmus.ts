import type { Command } from 'commander'
import { UserError } from '../../engine/errors.js'
import { Comparison } from '../../litmus/compare/comparison.js'
import { expectationFor, readExpectations } from '../../litmus/compare/expectations.js'
import { type Model, MODELS } from '../../litmus/reachable.js'
import { Exit } from '../exit-codes.js'
import { KERNEL_HELP } from '../conditions.js'
import { CountLine } from '../litmus/count-line.js'
import type { FromRaceFlags } from '../litmus/from-race.js'
import { filesOfDialect, readText } from '../litmus/litmus-files.js'
import { check, exitOfOutcomes, type Outcome, outcomeHerd, outcomeJson, outcomeLine, outcomeText, summaryLine } from '../litmus/outcome.js'
import type { Print } from '../print.js'
import { vmsa } from './vmsa.js'

export interface LitmusOptions {
  readonly model?: string
  readonly format?: string
  readonly compare?: string
}

/** `mmrace litmus`: C-litmus files under the Linux-kernel memory model, TSO or SC. */
export function addLitmus(program: Command, print: Print): void {
  program.command('litmus').description('check litmus files: barriers, RCU, locks, data races (docs/litmus.md), page tables')
    .argument('[paths...]', 'litmus files, or directories of them')
    .option('--from <race>', 'make them from a race instead: each critical cycle of two of its lanes')
    .option('--arch <names>', '--from: on these profiles (default arm64)')
    .option('--kernel <name>', `--from: ${KERNEL_HELP}`)
    .option('--revert <ids>', '--from: take changes out of the kernel')
    .option('--apply <ids>', '--from: put changes in that it does not have')
    .option('--variant <name>', '--from: any form that the race declares (default fixed)')
    .option('--write <dir>', '--from: write the tests to files that herd7 reads')
    .option('--model <model>', `${MODELS.join(', ')}: the Linux-kernel memory model, or the interleaving engine (default lkmm)`)
    .option('--format <format>', 'text, herd: only herd7\'s output, or json: one object per line', 'text')
    .option('--compare <csv>', 'a CSV file of expected results; exit status 1 if any differs')
    .action(async (paths: string[], options: LitmusOptions & Partial<FromRaceFlags>) => {
      process.exitCode = await litmusOrRace(paths, options, print)
    })
}

/** Files, or with --from a race. An option that the other of the two has is refused. */
async function litmusOrRace(paths: readonly string[], options: LitmusOptions & Partial<FromRaceFlags>, print: Print): Promise<number> {
  const { from } = options
  if (from !== undefined) {
    if (paths.length > 0) throw new UserError('race-and-files', '--from and files', 'tests are made from a race, or read from files')
    if (options.compare !== undefined) throw new UserError('race-and-files', '--from and --compare', '--compare goes with files')
    if (options.model !== undefined) throw new UserError('race-and-files', '--from and --model', 'tests that are made from a race are judged by each model')
    return (await import('../litmus/from-race.js')).litmusFromRace({ ...options, from }, print)
  }
  const needless = (['arch', 'kernel', 'revert', 'apply', 'variant', 'write'] as const).find((name) => options[name] !== undefined)
  if (needless) throw new UserError('option-without-race', `--${needless} without --from`, 'it says on what a race runs')
  if (paths.length === 0) throw new UserError('no-litmus-files', 'no litmus files named', 'name files or directories, or a race with --from')
  return litmusOfAnyDialect(paths, options, print)
}

/** C-litmus files here; AArch64 ones, which are about page tables and always run on the machine's TLB, as `mmrace vmsa`. */
export function litmusOfAnyDialect(paths: readonly string[], options: LitmusOptions, print: Print): number {
  const others = filesOfDialect(paths, 'C')
  const arm = filesOfDialect(paths, 'AArch64')
  // Expected results of the two dialects are told in different words: with a file of them, C has precedence.
  if (arm.length === 0 || (others.length > 0 && options.compare !== undefined)) return litmus(others, options, print)
  const ofArm = vmsa(arm, options.compare === undefined ? {} : { compare: options.compare }, print)
  const ofOthers = others.length === 0 ? Exit.holds : litmus(others, options, print)
  return ofOthers === Exit.holds ? ofArm : ofOthers
}

/**
 * One file: herd7's output, the verdict, an execution drawn, and the barriers. Several: a line for each. With `compare`:
 * what differs from the expected results, and how much agrees. Returns the exit status.
 */
export function litmus(paths: readonly string[], options: LitmusOptions, print: Print): number {
  const model = modelOf(options.model ?? 'lkmm')
  const format = formatOf(options.format ?? 'text')
  const files = filesOfDialect(paths, 'C')
  if (files.length === 0) throw new UserError('no-litmus-files', 'no C litmus files found', 'name a file or a directory of them')
  const expectations = options.compare === undefined ? undefined : readExpectations(readText(options.compare), model)

  const single = files.length === 1
  const comparison = new Comparison()
  const progress = new CountLine(files.length)
  const outcomes: Outcome[] = []
  for (const file of files) {
    const outcome = check(file, model, single && format !== 'herd')
    const expected = expectations && expectationFor(file, expectations)
    const differences = expected ? comparison.add(outcome.report, expected) : []
    progress.clear()
    if (format === 'json') print(JSON.stringify({ ...outcomeJson(outcome), differences }))
    else if (format === 'herd') outcomeHerd(outcome).forEach(print)
    else if (single) outcomeText(outcome).forEach(print)
    else if (!expectations) print(outcomeLine(outcome))
    if (format === 'text') for (const difference of differences) print(`${file}: ${difference}`)
    outcomes.push(outcome)
    progress.show(outcomes.length)
  }
  if (format === 'text' && !single) print(summaryLine(outcomes, model))
  if (!expectations) return exitOfOutcomes(outcomes)
  if (format === 'text') comparison.summary().forEach(print)
  return comparison.allAgree ? Exit.holds : Exit.violated
}

function modelOf(name: string): Model {
  const model = MODELS.find((m) => m === name)
  if (!model) throw new UserError('unknown-model', `no model ${name}`, `use one of ${MODELS.join(', ')}`)
  return model
}

function formatOf(name: string): string {
  if (!['text', 'herd', 'json'].includes(name)) throw new UserError('unknown-format', `no format ${name}`, 'use text, herd or json')
  return name
}
