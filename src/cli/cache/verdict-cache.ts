import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod/mini'
import type { Cell } from '../../race/cell.js'
import type { CellDone, CellJob, NamedRace } from '../matrix/cell-job.js'
import { beside, checkFolder } from '../target-file.js'
import { Foundations } from './foundations.js'

const schema = z.object({
  format: z.literal('mmrace-cache'),
  version: z.literal(1),
  /** Functions that verdicts have run, each with its hash of then. */
  functions: z.array(z.tuple([z.string(), z.string()])),
  /** By the hash of all else that a verdict rests on: the verdict, and the functions by their place in the list. */
  verdicts: z.record(z.string(), z.object({ cell: z.custom<Cell>(), milliseconds: z.number(), functions: z.array(z.number()) })),
  /** Of each cell by name when it was last searched: how long it took, and whether it was as the race says. */
  last: z.record(z.string(), z.object({ milliseconds: z.number(), right: z.boolean() })),
})

type File = z.infer<typeof schema>

const EMPTY: File = { format: 'mmrace-cache', version: 1, functions: [], verdicts: {}, last: {} }

const idOf = ({ race, variant, kernel, arch }: CellJob): string => [race, variant, kernel, arch].join(' ')

/**
 * Verdicts of earlier runs in a folder. One is good as long as nothing has changed that it rests on: each function of model code that
 * it ran; the rest of the model and of the race's files, in one hash; variant, architecture, kernel, and the bound on time.
 */
export class VerdictCache {
  private readonly path: string
  private readonly file: File
  private readonly foundations = new Foundations()
  private readonly numbers = new Map<string, number>()

  constructor(folder: string) {
    checkFolder(folder)
    this.path = path.join(folder, 'verdicts.json')
    this.file = existsSync(this.path) ? readCache(this.path) : structuredClone(EMPTY)
    this.file.functions.forEach(([name, hash], i) => this.numbers.set(`${name} ${hash}`, i))
  }

  /** The verdict, if it still stands. */
  get(race: NamedRace, job: CellJob): CellDone | undefined {
    const known = this.file.verdicts[this.foundations.keyOf(race, job)]
    if (!known) return undefined
    const stands = known.functions.every((number) => {
      const [name, hash] = this.file.functions[number] ?? []
      return name !== undefined && this.foundations.functionNow(name) === hash
    })
    return stands ? { before: known.cell, after: known.cell, executed: [], milliseconds: known.milliseconds, cached: true } : undefined
  }

  /** Keeps a verdict. One that a bound has ended says something of this machine, and is looked for again. */
  add(race: NamedRace, job: CellJob, { after: cell, milliseconds, functions = [], cached }: CellDone): void {
    this.file.last[idOf(job)] = { milliseconds, right: cell.asExpected }
    if (cached || cell.verdict === 'not-found' || cell.verdict === 'inconclusive') return
    const key = this.foundations.keyOf(race, job)
    this.file.verdicts[key] = { cell, milliseconds, functions: functions.map((name) => this.numberOf(name)) }
  }

  /** How long a cell took when it was last searched. */
  milliseconds(job: CellJob): number | undefined {
    return this.file.last[idOf(job)]?.milliseconds
  }

  /** Whether it was then not as its race says. */
  failed(job: CellJob): boolean {
    return this.file.last[idOf(job)]?.right === false
  }

  /** Writes it down, whole or not at all. */
  save(): void {
    const part = beside(this.path)
    try {
      writeFileSync(part, JSON.stringify(this.file), { flag: 'wx' })
      renameSync(part, this.path)
    } catch (error) {
      rmSync(part, { force: true })
      process.stderr.write(`mmrace: verdicts are not kept in ${this.path}: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }

  private numberOf(name: string): number {
    const hash = this.foundations.functionNow(name) ?? 'none'
    const known = this.numbers.get(`${name} ${hash}`)
    if (known !== undefined) return known
    this.numbers.set(`${name} ${hash}`, this.file.functions.length)
    return this.file.functions.push([name, hash]) - 1
  }
}

/** A cache that cannot be read is none: everything is searched again. */
function readCache(file: string): File {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    process.stderr.write(`mmrace: ${file} is not what mmrace has written, and is begun anew\n`)
    return structuredClone(EMPTY)
  }
}
