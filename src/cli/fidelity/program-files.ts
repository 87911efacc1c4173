import { spawn } from 'node:child_process'
import { createReadStream, existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { type Duplex, PassThrough, pipeline, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { z } from 'zod'
import { UserError } from '../../engine/errors.js'
import { problemOf } from '../../fidelity/problem_of.js'
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

/** Characters of a line that are still taken for a program. */
const LONGEST = 1 << 22

const damaged = (file: string): UserError =>
  new UserError('damaged-file', `${file} cannot be unpacked`, 'its name says how it is compressed, and all of it must be there')

/** What xz unpacks; its failure is the stream's. */
const unxz = (file: string): Readable => {
  const out = new PassThrough()
  const xz = spawn('xz', ['-dc', file], { stdio: ['ignore', 'pipe', 'ignore'] })
  xz.on('error', () => out.destroy(new UserError('no-xz', `${file} needs the program xz`, 'install xz-utils, or unpack the file first')))
  xz.on('close', (code) => void (code === 0 ? out.end() : out.destroy(damaged(file))))
  xz.stdout.pipe(out, { end: false })
  return out
}

/** A failure of any part is one of the last. */
const unpacked = (file: string, unpack: Duplex): Readable => pipeline(createReadStream(file), unpack, () => {}) as Duplex

/** The bytes of a file, unpacked as its name says. */
const open = (file: string): Readable => {
  if (!existsSync(file)) throw new UserError('no-such-file', `${file} does not exist`, 'name files of recorded programs')
  if (statSync(file).isDirectory()) throw new UserError('is-directory', `${file} is a directory`, 'name files of recorded programs')
  switch (path.extname(file)) {
    case '.gz': return unpacked(file, createGunzip())
    case '.br': return unpacked(file, createBrotliDecompress())
    case '.xz': return unxz(file)
    default: return createReadStream(file)
  }
}

const asUserError = (file: string, error: unknown): unknown => {
  if (error instanceof UserError || !(error instanceof Error) || !('code' in error)) return error
  const { code } = error as { code: unknown }
  if (String(code).startsWith('Z_') || String(code).startsWith('ERR_')) return damaged(file)
  return new UserError('cannot-read', `${file} cannot be read: ${error.message}`, 'name files of recorded programs')
}

async function* linesOf(file: string): AsyncGenerator<string, void, void> {
  let rest = ''
  try {
    for await (const chunk of open(file).setEncoding('utf8')) {
      const lines = (rest + (chunk as string)).split('\n')
      rest = lines.pop()!
      if (rest.length > LONGEST) throw new UserError('long-line', `${file} has a line of more than ${LONGEST} characters`, 'a line holds one program')
      yield* lines
    }
  } catch (error) {
    throw asUserError(file, error)
  }
  yield rest
}

const wrong = (place: string, problem: string, hint = 'docs/systems.md says what a line holds'): UserError =>
  new UserError('bad-program', `${place} is not a recorded program: ${problem}`, hint)

const parse = (line: string, place: string, region?: number): Program => {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw wrong(place, `it is not JSON: ${(error as Error).message}`)
  }
  const result = schema.safeParse(value)
  if (!result.success) {
    const { path: field, message } = result.error.issues[0]!
    throw wrong(place, field.length > 0 ? `${field.join('.')}: ${message}` : message)
  }
  const program = result.data as Program
  if (program.steps.length !== program.prog.length) throw wrong(place, `${program.prog.length} operations, but ${program.steps.length} steps`)
  const problem = problemOf(program, region)
  if (problem) throw wrong(place, problem.problem, problem.hint)
  return program
}

/** The programs of a file of one JSON object per line; .gz, .br and .xz are unpacked. `region`: pages of the machine they are for. */
export async function* programsOf(file: string, region?: number): AsyncGenerator<Program, void, void> {
  let number = 0
  for await (const line of linesOf(file)) {
    number++
    if (line.trim() !== '') yield parse(line, `${file}:${number}`, region)
  }
}
