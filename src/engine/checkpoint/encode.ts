import type { Checkpoint } from './checkpoint.js'
import { Checksum } from './checksum.js'
import { bytesOf } from './words.js'

/** How a checkpoint begins: what it is, and the version of its layout. */
export const MAGIC = 'mmrace-checkpoint 1 '

/**
 * A checkpoint as bytes, part after part: a line that says what it is, with the length and the check sum of the next;
 * a line of JSON; blocks, each behind its length plus one and its check sum; a length of 0 and the check sum of all
 * those. `about` is for whoever keeps it, and comes back from `decode`.
 */
export function* encode({ header, lessons, open, visited }: Checkpoint, about: unknown): Generator<Uint8Array> {
  const json = new TextEncoder().encode(`${JSON.stringify({ about, header })}\n`)
  yield new TextEncoder().encode(`${MAGIC}${hex(json.length)} ${hex(Checksum.of(json))}\n`)
  yield json
  const all = new Checksum()
  for (const block of [bytesOf(lessons), bytesOf(open)]) yield* framed(block, all)
  for (const block of visited()) yield* framed(block, all)
  yield pair(0, all.result)
}

function* framed(block: Uint8Array, all: Checksum): Generator<Uint8Array> {
  const frame = pair(block.length + 1, Checksum.of(block))
  all.add(frame)
  yield frame
  yield block
}

const hex = (value: number): string => value.toString(16).padStart(8, '0')

const pair = (length: number, sum: number): Uint8Array => bytesOf(Int32Array.of(length, sum))
