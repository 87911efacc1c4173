import type { Command } from 'commander'
import { UserError } from '../../engine/errors.js'
import { isFile } from '../is-file.js'
import type { Print } from '../print.js'
import { loadRace } from '../races.js'
import { numberOf } from '../search-options.js'

const MAX_THREADS = 256

/** `mmrace work`: searches what others hand out. */
export function addWork(program: Command, print: Print, signal: AbortSignal): void {
  program.command('work').description('search what others hand out on a queue (docs/ci.md)')
    .argument('[race...]', 'race files that may be searched beside those of mmrace; the others name the same')
    .requiredOption('--queue <url>', 'redis://:PASSWORD@HOST:6379')
    .option('--workers <n>', 'searches at a time (default: one for each processor)')
    .action(async (files: string[], flags: { queue: string; workers?: string }) => {
      const other = files.find((file) => !isFile(file))
      if (other !== undefined) throw new UserError('no-file', `${other} is no race file`, 'races that come with mmrace need not be named')
      const workers = numberOf('--workers', flags.workers)
      if (workers !== undefined && (!Number.isInteger(workers) || workers > MAX_THREADS)) throw new UserError('bad-workers', `${workers} workers`, `give a whole number up to ${MAX_THREADS}`)
      for (const file of files) await loadRace(file)
      const { RaceSet } = await import('../queue/race-set.js')
      const { work } = await import('../queue/work.js')
      process.exitCode = await work(flags.queue, new RaceSet(files), workers, print, signal)
    })
}
