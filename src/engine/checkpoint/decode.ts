import { UserError } from '../errors.js'
import type { Checkpoint, CheckpointHeader } from './checkpoint.js'
import { Checksum } from './checksum.js'
import { MAGIC } from './encode.js'
import { wordsOf } from './words.js'

/** Hands over the next bytes of a checkpoint, fewer only at its end. */
export type Read = (bytes: number) => Uint8Array

/**
 * Reads what `encode` wrote: all but the visited states at once, those while the search that is resumed takes them in.
 * Damage is found by the check sums, and told with a UserError.
 */
export function decode(read: Read, name: string): { checkpoint: Checkpoint; about: unknown } {
  const first = new TextDecoder().decode(read(MAGIC.length + 18))
  if (!first.startsWith(MAGIC.split(' ')[0]!)) throw unusable(name, 'it is something else')
  if (!first.startsWith(MAGIC)) throw unusable(name, 'it was made by another version of mmrace')
  const [length, sum] = first.slice(MAGIC.length).split(' ').map((text) => Number.parseInt(text, 16)) as [number, number]
  const json = checked(read, length, sum, name)
  const { about, header } = JSON.parse(new TextDecoder().decode(json)) as { about: unknown; header: CheckpointHeader }
  const blocks = blocksOf(read, name)
  const [lessons, open] = [wordsOf(blocks.next().value!), wordsOf(blocks.next().value!)]
  return { checkpoint: { header, lessons, open, visited: () => blocks }, about }
}

function* blocksOf(read: Read, name: string): Generator<Uint8Array, undefined> {
  const all = new Checksum()
  for (;;) {
    const frame = read(8)
    if (frame.length < 8) throw unusable(name, 'its end is missing')
    const [length, sum] = wordsOf(frame) as unknown as [number, number]
    if (length === 0) {
      if (sum >>> 0 !== all.result || read(1).length > 0) throw unusable(name, 'it is damaged')
      return
    }
    all.add(frame)
    yield checked(read, length - 1, sum >>> 0, name)
  }
}

function checked(read: Read, length: number, sum: number, name: string): Uint8Array {
  // A damaged length may be anything; no block is longer than what 32 bits address.
  const bytes = read(length >>> 0)
  if (bytes.length < length) throw unusable(name, 'its end is missing')
  if (Checksum.of(bytes) !== sum) throw unusable(name, 'it is damaged')
  return bytes
}

const unusable = (name: string, why: string): UserError =>
  new UserError('bad-checkpoint', `${name} is not a usable checkpoint: ${why}`, 'search from the start, or go on from an earlier checkpoint')
