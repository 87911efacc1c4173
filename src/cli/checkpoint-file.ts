import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import type { Checkpoint } from '../engine/checkpoint/checkpoint.js'
import { decode } from '../engine/checkpoint/decode.js'
import { encode } from '../engine/checkpoint/encode.js'
import { UserError } from '../engine/errors.js'
import { grownSizes, needs, type Sizes } from '../race/growing.js'
import type { Race } from '../race/race.js'
import { beside, checkTarget } from './target-file.js'

/** What a checkpoint is of, and what the race had been found to need more of. */
interface About {
  readonly search: string
  readonly sizes: Sizes
}

/** Keeps checkpoints in one file. A new one is written beside it and takes its place when complete, so one is always whole. */
export class CheckpointFile {
  /** Whether the file holds a checkpoint of this search. */
  written = false

  /** `search` says what of the race is searched, for `readCheckpoint`. Throws a UserError when the file cannot be written. */
  constructor(readonly file: string, private readonly search: string, private readonly race: Race) {
    checkTarget(file, 'checkpoint')
  }

  /** A search goes on when it cannot be saved: there may be room later, and its end is what matters. */
  save(checkpoint: Checkpoint): void {
    const part = beside(this.file)
    try {
      const to = openSync(part, 'wx')
      try {
        for (const bytes of encode(checkpoint, { search: this.search, sizes: grownSizes(this.race) } satisfies About)) writeAll(to, bytes)
      } finally {
        closeSync(to)
      }
      renameSync(part, this.file)
      this.written = true
    } catch (cause) {
      rmSync(part, { force: true })
      process.stderr.write(`mmrace: no checkpoint written to ${this.file}: ${textOf(cause)}${this.written ? '; it holds the one before' : ''}\n`)
    }
  }
}

/** Opens a checkpoint of this search of a race, which gets the sizes that it had. The visited states are read when they are wanted. */
export function readCheckpoint(file: string, search: string, race: Race): Checkpoint {
  // Before it is opened: a pipe that nobody writes to would never open.
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat) throw new UserError('no-file', `there is no file ${file}`, 'mmrace check RACE --checkpoint FILE writes one')
  if (!stat.isFile()) throw new UserError('bad-checkpoint', `${file} is not a usable checkpoint: it is no plain file`, 'mmrace check RACE --checkpoint FILE writes one')
  const from = openSync(file, 'r')
  const { size } = fstatSync(from)
  const { checkpoint, about } = decode((bytes) => readUpTo(from, Math.min(bytes, size)), file)
  const { search: other, sizes } = (typeof about === 'object' && about !== null ? about : {}) as Partial<About>
  if (other !== search) throw new UserError('other-checkpoint', `${file} is a checkpoint of another search`, `it goes on with ${String(other)} --resume ${file}`)
  needs(race, sizes)
  return checkpoint
}

function writeAll(to: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(to, bytes, at)
}

function readUpTo(from: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count)
  let at = 0
  for (let got = 1; got > 0 && at < count; at += got) got = readSync(from, bytes, at, count - at, null)
  return bytes.subarray(0, at)
}

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
