import { UserError } from '../../engine/errors.js'

/** One of several parts of the work, from 1. */
export interface Shard {
  readonly index: number
  readonly of: number
}

/** `2/5`. */
export function shardOf(text: string | undefined): Shard | undefined {
  if (text === undefined) return undefined
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  const shard = { index: Number(index), of: Number(of) }
  if (index === undefined || shard.index < 1 || shard.index > shard.of) throw new UserError('bad-shard', `--shard ${text}`, 'give 1/4, 2/4, 3/4 and 4/4 to four machines')
  return shard
}

/**
 * Which of these are of the shard. The longest goes first to whoever has least to do: the same for all who know the same times. Of
 * unknown ones each is taken to be as long as the known ones are on average.
 */
export function inShard<T>(all: readonly T[], { index, of }: Shard, milliseconds: (one: T) => number | undefined): T[] {
  const known = all.flatMap((one) => milliseconds(one) ?? [])
  const average = known.length > 0 ? known.reduce((sum, time) => sum + time, 0) / known.length : 1
  const times = all.map((one) => milliseconds(one) ?? average)
  const order = all.map((_, i) => i).toSorted((a, b) => times[b]! - times[a]! || a - b)
  const loads = Array.from({ length: of }, () => 0)
  const own = new Set<number>()
  for (const i of order) {
    const least = loads.indexOf(Math.min(...loads))
    loads[least]! += Math.max(times[i]!, 1)
    if (least === index - 1) own.add(i)
  }
  return all.filter((_, i) => own.has(i))
}
