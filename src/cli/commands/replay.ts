import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { UserError } from '../../engine/errors.js'
import { Loaded } from '../../engine/learn/loaded.js'
import { boot } from '../../race/boot.js'
import { fitSchedule } from '../../trace/fit-schedule.js'
import { table } from '../../trace/report.js'
import { modelHash, parseTrace } from '../../trace/trace-file.js'
import { traceOfRun } from '../../trace/trace.js'
import { Exit } from '../exit-codes.js'
import { isFile } from '../is-file.js'
import { ownChanges } from '../own-changes.js'
import { type Print, printWidth } from '../print.js'
import { loadRace } from '../races.js'
import { numberOf } from '../search-options.js'

/** `mmrace replay`: takes the steps of a saved run again and shows them. */
export function addReplay(program: Command, print: Print): void {
  program.command('replay').description('run a saved interleaving again')
    .argument('<trace>', 'a file written by mmrace check --trace')
    .option('--steps <which>', 'all: show every step')
    .option('--width <columns>', 'columns of the table (default 72)')
    .action(async (file: string, flags: { steps?: string; width?: string }) => {
      if (!existsSync(file)) throw new UserError('no-file', `there is no file ${file}`, 'make one with mmrace check RACE --trace FILE')
      const saved = parseTrace(readFileSync(file, 'utf8'), file)
      const beside = (used: string): string => (isFile(used) && !existsSync(used) ? path.resolve(path.dirname(file), used) : used)
      const loaded = new Loaded(boot(await loadRace(beside(saved.race), await ownChanges(saved.changes.map(beside))), saved))
      const run = fitSchedule(loaded, saved)
      const trace = traceOfRun(loaded, run, saved.loop)
      print(`${run.violation ? 'VIOLATED' : 'NOT VIOLATED'}  replay of ${file}`)
      print(`  ${saved.race}  ${saved.arch}${modelHash(loaded) === saved.model ? '' : '  (the model has changed since)'}\n`)
      print(table(trace, { width: printWidth(numberOf('--width', flags.width)), allSteps: flags.steps === 'all' }).join('\n'))
      process.exitCode = run.violation || saved.loop !== undefined ? Exit.violated : Exit.incomplete
    })
}
