import { spawn } from 'node:child_process'
import { createReadStream, existsSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { z } from 'zod'
import { UserError } from '../../engine/errors.js'
import type { Program } from '../../fidelity/program.js'

/** Compared element by element, so what is in it needs no check of its own. */
const observation = z.custom<readonly (number | string)[]>(Array.isArray)
const schema = z.object({
  id: z.string(),
  pages: z.array(z.number().int().nonnegative()),
  prog: z.array(z.string()),
  steps: z.array(z.object({
    r: z.union([z.number(), z.literal('skip')]), e: z.number(), v: z.number(), o: z.array(observation), m: z.array(observation),
    k: z.array(observation).optional(),
  })),
})

/** What xz unpacks; its failure is the stream's. */
const unxz = (file: string): Readable => {
  const out = new PassThrough()
  const xz = spawn('xz', ['-dc', file], { stdio: ['ignore', 'pipe', 'inherit'] })
  xz.on('error', () => out.destroy(new UserError('no-xz', `${file} needs the program xz`, 'install xz-utils, or unpack the file first')))
  xz.stdout.pipe(out)
  return out
}

/** The bytes of a file, unpacked as its name says. */
const open = (file: string): Readable => {
  if (!existsSync(file)) throw new UserError('no-such-file', `${file} does not exist`, 'name files of recorded programs')
  switch (path.extname(file)) {
    case '.gz': return createReadStream(file).pipe(createGunzip())
    case '.br': return createReadStream(file).pipe(createBrotliDecompress())
    case '.xz': return unxz(file)
    default: return createReadStream(file)
  }
}

const json = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const parse = (line: string, place: string): Program => {
  const result = schema.safeParse(json(line))
  if (result.success && result.data.steps.length === result.data.prog.length) return result.data as Program
  const problem = result.success ? 'it needs a step for every operation' : `${result.error.issues[0]!.path.join('.')}: ${result.error.issues[0]!.message}`
  throw new UserError('bad-program', `${place} is not a recorded program: ${problem}`, 'docs/systems.md says where the format is described')
}

/** The programs of a file of one JSON object per line; .gz, .br and .xz are unpacked. */
export async function* programsOf(file: string): AsyncGenerator<Program, void, void> {
  let number = 0
  for await (const line of createInterface({ input: open(file) })) {
    number++
    if (line.trim() !== '') yield parse(line, `${file}:${number}`)
  }
}
