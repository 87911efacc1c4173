import type { Command } from 'commander'
import { Loaded } from '../../engine/learn/loaded.js'
import { boot } from '../../race/boot.js'
import { fitSchedule } from '../../trace/fit-schedule.js'
import { table } from '../../trace/report.js'
import { modelHash } from '../../trace/trace-file.js'
import { traceOfRun } from '../../trace/trace.js'
import { Exit } from '../exit-codes.js'
import { CHANGE_HELP, several } from '../own-changes.js'
import { type Print, printWidth } from '../print.js'
import { raceOfTrace, readTrace } from '../read-trace.js'
import { numberOf } from '../search-options.js'

/** `mmrace replay`: takes the steps of a saved run again and shows them. */
export function addReplay(program: Command, print: Print): void {
  program.command('replay').description('run a saved interleaving again')
    .argument('<trace>', 'a file written by mmrace check --trace')
    .option('--run <race>', 'the race file to run, where the trace is of one')
    .option('--change <file>', CHANGE_HELP, several)
    .option('--steps <which>', 'all: show every step')
    .option('--width <columns>', 'columns of the table (default 72)')
    .action(async (file: string, flags: { run?: string; change?: readonly string[]; steps?: string; width?: string }) => {
      const saved = readTrace(file)
      const loaded = new Loaded(boot(await raceOfTrace(saved, file, 'mmrace replay', flags), saved))
      const run = fitSchedule(loaded, saved)
      const trace = traceOfRun(loaded, run, saved.loop)
      print(`${run.violation ? 'VIOLATED' : 'NOT VIOLATED'}  replay of ${file}`)
      print(`  ${saved.race}  ${saved.arch}${modelHash(loaded) === saved.model ? '' : '  (the model has changed since)'}\n`)
      print(table(trace, { width: printWidth(numberOf('--width', flags.width)), allSteps: flags.steps === 'all' }).join('\n'))
      process.exitCode = run.violation || saved.loop !== undefined ? Exit.violated : Exit.incomplete
    })
}
