import type { Command } from 'commander'
import { UserError } from '../../engine/errors.js'
import { boot } from '../../race/boot.js'
import { asExpected, checkRace, type Outcome } from '../../race/check.js'
import type { Race } from '../../race/race.js'
import { matrixTable } from '../../trace/matrix-table.js'
import { ORDERS_SECONDS, ordersOf } from '../../trace/orders.js'
import { report } from '../../trace/report.js'
import { resultJson } from '../../trace/result-json.js'
import { traceOf } from '../../trace/trace.js'
import { ALL_PROFILES, archList } from '../conditions.js'
import { drive } from '../drive.js'
import { Exit } from '../exit-codes.js'
import type { Print } from '../print.js'
import { ProgressLine } from '../progress.js'
import { builtInRaces, loadRace } from '../races.js'

interface MatrixFlags {
  arch?: string
  all?: boolean
  show?: boolean
  format: string
}

/** `mmrace matrix`: every profile × variant of some races, against what history says. */
export function addMatrix(program: Command, print: Print, signal: AbortSignal): void {
  program.command('matrix').description('verdicts of races on every profile, with and without their fixes')
    .argument('[race...]', 'names or files')
    .option('--all', 'every race that comes with mmrace')
    .option('--arch <names>', 'profiles, separated by commas (default all)')
    .option('--show', 'print the interleaving of the first violation found')
    .option('--format <layout>', 'table or json', 'table')
    .action(async (names: string[], flags: MatrixFlags) => {
      const wanted = flags.all ? builtInRaces() : names
      if (wanted.length === 0) throw new UserError('no-race', 'no race named', 'name some, or use --all; mmrace list shows them')
      if (!['table', 'json'].includes(flags.format)) throw new UserError('bad-format', `no format "${flags.format}"`, 'use table or json')
      const outcomes: Outcome[] = []
      for (const name of wanted) {
        const race = await loadRace(name)
        const own = await runAll(race, archList(flags.arch, ALL_PROFILES), signal)
        outcomes.push(...own)
        const shown = flags.show ? own.find((outcome) => outcome.shown) : undefined
        if (flags.format === 'table') {
          print(`${outcomes.length > own.length ? '\n' : ''}${matrixTable(race, own)}`)
          if (shown) print(`\n${await interleaving(shown)}`)
        }
        if (signal.aborted) break
      }
      if (flags.format === 'json') print(JSON.stringify(outcomes.map((o) => resultJson(o)), undefined, 2))
      const wrong = outcomes.filter((outcome) => asExpected(outcome) === false).length
      process.exitCode = signal.aborted ? Exit.interrupted : wrong > 0 ? Exit.violated : Exit.holds
    })
}

async function interleaving({ race, conditions, loaded, shown, ...rest }: Outcome): Promise<string> {
  const trace = traceOf(loaded, shown!.found)
  const orders = await drive(ordersOf(() => boot(race, conditions), trace, ORDERS_SECONDS))
  return report({ race, conditions, loaded, shown, ...rest }, trace, {}, orders)
}

async function runAll(race: Race, archs: readonly string[], signal: AbortSignal): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const [variant, { revert = [], apply = [] }] of Object.entries(race.variants)) {
    for (const arch of archs) {
      if (signal.aborted) return outcomes
      const steps = checkRace(race, { arch, revert, apply }, { signal })
      outcomes.push(await drive(steps, new ProgressLine(`${race.name} ${variant} ${arch}`)))
    }
  }
  return outcomes
}
