import { type Command, Option } from 'commander'
import { Loaded } from '../../engine/learn/loaded.js'
import { boot } from '../../race/boot.js'
import { fitSchedule } from '../../trace/fit-schedule.js'
import { table } from '../../trace/report.js'
import { conditionsOfTrace, modelHash } from '../../trace/trace-file.js'
import { traceOfRun } from '../../trace/trace.js'
import { Exit } from '../exit-codes.js'
import { CHANGE_HELP, several } from '../own-changes.js'
import { type Print, printWidth } from '../print.js'
import { raceOfTrace, readTrace } from '../read-trace.js'
import { numberOf } from '../search-options.js'

interface ReplayFlags {
  run?: string
  change?: readonly string[]
  steps?: 'all'
  format: 'table' | 'json'
  width?: string
}

/** `mmrace replay`: takes the steps of a saved run again and shows them. */
export function addReplay(program: Command, print: Print): void {
  program.command('replay').description('run a saved interleaving again')
    .argument('<trace>', 'a file written by mmrace check --trace')
    .option('--run <race>', 'the race file to run, where the trace is of one')
    .option('--change <file>', CHANGE_HELP, several)
    .addOption(new Option('--steps <which>', 'show every step').choices(['all']))
    .addOption(new Option('--format <layout>', 'how to print').choices(['table', 'json']).default('table'))
    .option('--width <columns>', 'columns of the table (default 72)')
    .action(async (file: string, flags: ReplayFlags) => {
      const saved = readTrace(file)
      const loaded = new Loaded(boot(await raceOfTrace(saved, file, 'mmrace replay', flags), conditionsOfTrace(saved)))
      const run = fitSchedule(loaded, saved)
      const trace = traceOfRun(loaded, run, saved.loop)
      process.exitCode = run.violation || saved.loop !== undefined ? Exit.violated : Exit.incomplete
      const sameModel = modelHash(loaded) === saved.model
      if (flags.format === 'json') {
        const { race, arch, kernel, revert, apply } = saved
        return print(JSON.stringify({ race, arch, kernel, revert, apply, with: saved.with, verdict: run.violation ? 'violated' : 'not-violated', sameModel, trace }, undefined, 2))
      }
      print(`${run.violation ? 'VIOLATED' : 'NOT VIOLATED'}  replay of ${file}`)
      print(`  ${saved.race}  ${saved.arch}${sameModel ? '' : '  (the model has changed since)'}\n`)
      print(table(trace, { width: printWidth(numberOf('--width', flags.width)), allSteps: flags.steps === 'all' }).join('\n'))
    })
}
