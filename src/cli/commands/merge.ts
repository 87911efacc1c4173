import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { UserError } from '../../engine/errors.js'
import type { Case } from '../../report/case.js'
import { mergedCoverage } from '../../report/coverage.js'
import { isResults, type Results } from '../../report/json.js'
import { Teller, type TellFlags } from '../matrix/tell.js'
import { several } from '../own-changes.js'
import type { Print } from '../print.js'
import { builtInRaces, loadRace } from '../races.js'
import { REPORTER_HELP } from '../reporters.js'

/** `mmrace merge`: results of shards put together, as if one machine had searched all. */
export function addMerge(program: Command, print: Print): void {
  program.command('merge').description('put together what shards of a matrix have written with --reporter json=FILE')
    .argument('<file...>', 'the results of all shards')
    .option('--format <layout>', 'table or json', 'table')
    .option('--legend', 'say what the marks of the tables mean')
    .option('--reporter <name[=file]>', REPORTER_HELP, several)
    .option('--coverage', 'say which functions, branches and changes were entered, and what was reached')
    .option('--coverage-html <file>', 'the same as a page')
    .action(async (files: string[], flags: TellFlags) => {
      const teller = new Teller(flags, print)
      const all = files.map(readResults)
      const cases = merged(all, files)
      const coverages = all.flatMap(({ coverage }) => coverage ?? [])
      const wantsCoverage = flags.coverage || flags.coverageHtml !== undefined
      if (wantsCoverage && coverages.length < all.length) throw new UserError('no-coverage', 'not all shards have coverage', 'give --coverage to each of them')
      const names = builtInRaces()
      const named = [...new Map(cases.map(({ cell, file }) => [cell.race, names.includes(cell.race) && file === `races/${cell.race}.ts` ? cell.race : file]))]
      process.exitCode = await teller.tell({
        races: await Promise.all(named.map(([, name]) => loadRace(name))), cells: cases.map(({ cell }) => cell),
        cases: () => Promise.resolve(cases), date: new Date(Math.min(...all.map(({ date }) => Date.parse(date)))),
        ...(wantsCoverage && { coverage: mergedCoverage(coverages) }),
      })
    })
}

function readResults(file: string): Results {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UserError('cannot-read', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, 'name files that --reporter json=FILE has written')
  }
  if (!isResults(value)) throw new UserError('no-results', `${file} holds no results of a matrix`, 'name files that --reporter json=FILE has written')
  return value
}

/** The cases of all shards in order. All shards of one and the same matrix have to be there, each once. */
function merged(all: readonly Results[], files: readonly string[]): Case[] {
  const [first] = all
  const whole = first!.part
  if (!whole) throw new UserError('no-shard', `${files[0]} is of no shard`, 'mmrace matrix … --shard 1/4 --reporter json=FILE writes one')
  for (const [i, { part, model }] of all.entries()) {
    if (part?.list !== whole.list || part.of !== whole.of) throw new UserError('other-matrix', `${files[i]} is of another matrix than ${files[0]}`, 'give the same races, options and --cache to all shards')
    if (model !== first!.model) throw new UserError('other-model', `${files[i]} was made with another model than ${files[0]}`, 'give all machines the same version of mmrace')
  }
  const cases: (Case | undefined)[] = Array.from({ length: whole.total }, () => undefined)
  for (const [i, { part, cases: own }] of all.entries()) {
    for (const [k, at] of part!.at.entries()) {
      if (cases[at]) throw new UserError('twice', `${files[i]} has again what another file has`, 'name each shard once; all need the same --cache to agree on who does what')
      cases[at] = own[k]!
    }
  }
  const missing = cases.filter((one) => one === undefined).length
  if (missing > 0) throw new UserError('incomplete', `${missing} of ${whole.total} verdicts are in none of the files`, `name all ${whole.of} shards`)
  return cases.map((one) => one!)
}
