import { UserError } from '../../engine/errors.js'
import { hashOf } from '../../instrument/hashes.js'
import type { Part } from '../../report/case.js'
import type { VerdictCache } from '../cache/verdict-cache.js'
import { type CellJob, jobText } from './cell-job.js'
import { inShard, shardOf } from './shard.js'

/** Which cells are asked for of all. */
export interface SelectionFlags {
  lastFailed?: boolean
  shard?: string
}

/** What is left to search, and which part of what it is. */
export interface Selection {
  readonly jobs: readonly CellJob[]
  readonly part?: Part
}

/** Of all cells those that failed when they were last searched, and of them those of a shard. */
export function selected(all: readonly CellJob[], flags: SelectionFlags, cache: VerdictCache | undefined): Selection {
  const shard = shardOf(flags.shard)
  if (flags.lastFailed && !cache) throw new UserError('no-cache', '--last-failed without --cache', '--cache FOLDER is where it stands what failed')
  const wanted = flags.lastFailed ? all.filter((job) => cache!.failed(job)) : all
  if (!shard) return { jobs: wanted }
  const jobs = inShard(wanted, shard, (job) => cache?.milliseconds(job))
  return { jobs, part: { ...shard, total: wanted.length, list: hashOf(wanted.map(jobText)), at: jobs.map((job) => wanted.indexOf(job)) } }
}
