import type { Command } from 'commander'
import { casesOf } from '../matrix/cases-of.js'
import type { CellJob, NamedRace } from '../matrix/cell-job.js'
import { searchAll } from '../matrix/search-all.js'
import { Teller, type TellFlags } from '../matrix/tell.js'
import { several } from '../own-changes.js'
import type { Print } from '../print.js'
import { loadRace } from '../races.js'
import { isFile } from '../is-file.js'
import { REPORTER_HELP } from '../reporters.js'

/** `mmrace attach`: a run that was handed out, by somebody who is gone. */
export function addAttach(program: Command, print: Print, signal: AbortSignal): void {
  program.command('attach').description('wait for a matrix that was handed out on a queue, and tell of it')
    .argument('<run>', 'as mmrace matrix --queue has said')
    .argument('[race...]', 'the race files that it is of')
    .requiredOption('--queue <url>', 'redis://:PASSWORD@HOST:6379')
    .option('--format <layout>', 'table or json', 'table')
    .option('--legend', 'say what the marks of the tables mean')
    .option('--reporter <name[=file]>', REPORTER_HELP, several)
    .action(async (run: string, files: string[], flags: TellFlags & { queue: string }) => {
      const teller = new Teller(flags, print)
      const { RaceSet } = await import('../queue/race-set.js')
      const { HandOut } = await import('../queue/hand-out.js')
      const set = new RaceSet(files.filter(isFile))
      const out = await HandOut.to(flags.queue, set)
      try {
        const record = await out.record(run, set)
        const races = await Promise.all(record.races.map(async (name): Promise<NamedRace> => ({ name, race: await loadRace(set.own(name)!) })))
        const raceOf = (job: CellJob): NamedRace => races.find(({ name }) => name === job.race)!
        const { found, failed } = await searchAll(record.jobs, raceOf, undefined, signal, (jobs, done, stop) => out.collect(run, jobs, done, stop))
        const status = await teller.tell({
          races: races.map(({ race }) => race), cells: found.map(([, { before }]) => before), date: new Date(),
          cases: () => casesOf(found.map(([job, done]) => [raceOf(job), done])),
        })
        process.exitCode = failed ?? status
      } finally {
        await out.close()
      }
    })
}
