import { type Command, Option } from 'commander'
import { kernelNames } from '../../machine/kernels.js'
import { historyOf } from '../../race/history.js'
import { historyTable } from '../../trace/history-table.js'
import { type ConditionFlags, profilesNamed, variantName } from '../conditions.js'
import { drive } from '../drive.js'
import { Exit } from '../exit-codes.js'
import type { Print } from '../print.js'
import { ProgressLine } from '../progress.js'
import { loadRace } from '../races.js'
import { numberOf } from '../search-options.js'

interface HistoryFlags extends Pick<ConditionFlags, 'arch' | 'bug' | 'variant'> {
  maxSeconds?: string
  format: 'table' | 'json'
}

const DEFAULT_SECONDS = 60

/** `mmrace history`: one race on every kernel, and which change turned its verdict. */
export function addHistory(program: Command, print: Print, signal: AbortSignal): void {
  program.command('history').description('verdicts of a race by kernel, and the changes that turned them')
    .argument('<race>', 'a name from mmrace list, or a file')
    .option('--arch <names>', 'profiles, separated by commas (default all)')
    .option('--variant <name>', 'a variant that the race declares (default fixed: as released)')
    .option('--bug', 'the same as --variant bug')
    .option('--max-seconds <n>', `the most that one verdict may take (default ${DEFAULT_SECONDS})`)
    .addOption(new Option('--format <layout>', 'how to print').choices(['table', 'json']).default('table'))
    .action(async (name: string, flags: HistoryFlags) => {
      const race = await loadRace(name)
      const variant = variantName(race, flags)
      const seconds = numberOf('--max-seconds', flags.maxSeconds) ?? DEFAULT_SECONDS
      const rows = []
      for (const arch of profilesNamed(flags.arch)) {
        if (signal.aborted) break
        rows.push(await drive(historyOf(race, variant, arch, kernelNames, { signal, seconds }), new ProgressLine(`${race.name} ${arch}`)))
      }
      print(flags.format === 'json' ? JSON.stringify(rows, undefined, 2) : historyTable(race, variant, rows))
      const cells = rows.flatMap((row) => row.cells)
      if (signal.aborted) process.exitCode = Exit.interrupted
      else process.exitCode = cells.every((cell) => cell.asExpected) ? Exit.holds : Exit.violated
    })
}
