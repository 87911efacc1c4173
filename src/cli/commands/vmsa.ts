import type { Command } from 'commander'
import { UserError } from '../../engine/errors.js'
import { expectationFor } from '../../litmus/compare/expectations.js'
import { LitmusError } from '../../litmus/litmus-error.js'
import { checkVmsa, type VmsaOptions, type VmsaResult } from '../../litmus/vmsa/check-vmsa.js'
import { mutations } from '../../litmus/vmsa/mutations.js'
import { parseVmsa } from '../../litmus/vmsa/parse-vmsa.js'
import { readVmsaExpectations, verdictOf, type VmsaExpectation } from '../../litmus/vmsa/verdict.js'
import { Exit } from '../exit-codes.js'
import { litmusFiles, readText } from '../litmus/litmus-files.js'
import type { Print } from '../print.js'

interface VmsaCommandOptions {
  readonly compare?: string
  readonly mutations?: boolean
  readonly ets2?: boolean
}

/** `mmrace vmsa`: AArch64 page-table litmus tests on the TLB of the machine. */
export function addVmsa(program: Command, print: Print): void {
  program.command('vmsa').description('run AArch64 page-table litmus tests on the modelled TLB (docs/vmsa.md)')
    .argument('<paths...>', 'litmus files, or directories of them')
    .option('--compare <csv>', 'a CSV file of expected verdicts; exit status 1 if one is allowed here and forbidden there')
    .option('--ets2', 'a processor with FEAT_ETS2; expected verdicts are then in the column expected_ets2')
    .option('--mutations', 'with --compare: how many tests notice each of the ways to break the TLB')
    .action((paths: string[], options: VmsaCommandOptions) => {
      process.exitCode = vmsa(paths, options, print)
    })
}

type Outcome = VmsaResult | LitmusError

/** A line for each file; with `compare` what differs and how much agrees. Returns the exit status. */
export function vmsa(paths: readonly string[], options: VmsaCommandOptions, print: Print): number {
  const files = paths.flatMap((where) => litmusFiles(where, 'AArch64'))
  if (files.length === 0) throw new UserError('no-litmus-files', 'no AArch64 litmus files found', 'name a file or a directory of them')
  const ets2 = options.ets2 ?? false
  const outcomes = new Map(files.map((file) => [file, run(file, ets2 ? { ets2 } : {})]))
  if (options.compare === undefined) {
    if (options.mutations) throw new UserError('mutations-need-compare', '--mutations needs expected verdicts', 'add --compare FILE')
    for (const [file, outcome] of outcomes) print(line(file, outcome))
    return [...outcomes.values()].some((outcome) => outcome instanceof LitmusError) ? Exit.usage : Exit.holds
  }
  const expectations = readVmsaExpectations(readText(options.compare), ets2)
  const falseAllows = compare(outcomes, expectations, print)
  if (options.mutations) mutationTable(outcomes, expectations, ets2, print)
  return falseAllows === 0 ? Exit.holds : Exit.violated
}

function run(file: string, options: VmsaOptions): Outcome {
  try {
    return checkVmsa(parseVmsa(readText(file)), options)
  } catch (error) {
    if (error instanceof LitmusError) return error
    throw error
  }
}

const answer = (outcome: Outcome): string => (outcome instanceof LitmusError ? 'error' : verdictOf(outcome))

function line(file: string, outcome: Outcome): string {
  if (outcome instanceof LitmusError) return `error    ${file}  ${outcome.message}`
  const warning = outcome.breakBeforeMake ? '  break-before-make missing' : ''
  return `${verdictOf(outcome).padEnd(8)} ${file}  ${outcome.observation}, ${outcome.states} states${warning}`
}

/** Prints what differs, then the counts. Returns how many tests are allowed here and forbidden there. */
function compare(outcomes: ReadonlyMap<string, Outcome>, expectations: ReadonlyMap<string, VmsaExpectation>, print: Print): number {
  let [compared, agreed, falseAllows, warned, sameWarning] = [0, 0, 0, 0, 0]
  for (const [file, outcome] of outcomes) {
    const expected = expectationFor(file, expectations)
    if (!expected) continue
    compared++
    if (answer(outcome) === expected.verdict) agreed++
    else print(`${line(file, outcome)}; expected ${expected.verdict}`)
    if (expected.verdict === 'forbid' && ['allow', 'require'].includes(answer(outcome))) falseAllows++
    if (outcome instanceof LitmusError || expected.breakBeforeMake === undefined) continue
    warned++
    if (outcome.breakBeforeMake === expected.breakBeforeMake) sameWarning++
  }
  print(`verdicts ${agreed} of ${compared} (${((100 * agreed) / compared).toFixed(2)} %); allowed though forbidden: ${falseAllows}`)
  print(`break-before-make ${sameWarning} of ${warned}`)
  return falseAllows
}

/** For each broken TLB: the tests that a sound one answers right and this one does not. */
function mutationTable(
  outcomes: ReadonlyMap<string, Outcome>, expectations: ReadonlyMap<string, VmsaExpectation>, ets2: boolean, print: Print,
): void {
  const right = [...outcomes].filter(([file, outcome]) => expectationFor(file, expectations)?.verdict === answer(outcome))
  for (const [name, mutation] of Object.entries(mutations)) {
    const noticed = right.filter(([file, outcome]) => answer(run(file, { ...(ets2 && { ets2 }), ...mutation })) !== answer(outcome)).length
    print(`${name.padEnd(40)} noticed by ${noticed}`)
  }
}
