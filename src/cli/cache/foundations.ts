import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { UserError } from '../../engine/errors.js'
import { type Hashes, hashOf, outlinesFrom } from '../../instrument/hashes.js'
import { conditionsOf } from '../../race/check.js'
import { isFile } from '../is-file.js'
import type { CellJob, NamedRace } from '../matrix/cell-job.js'
import { PACKAGE } from '../package.js'

const FILE = path.join(PACKAGE, 'dist/hashes.json')

/** What verdicts rest on, as it is now. */
export class Foundations {
  private readonly hashes: Hashes
  /** Of files of the user's: each function, and the file itself. */
  private readonly own = new Map<string, string>()
  private readonly rests = new Map<string, string>()

  constructor() {
    if (!existsSync(FILE)) throw new UserError('no-hashes', 'the package has no hashes of its sources', 'npm run build')
    this.hashes = JSON.parse(readFileSync(FILE, 'utf8')) as Hashes
  }

  /** The model, in one hash: of all functions, and all else. */
  get model(): string {
    const { rest, functions } = this.hashes
    return hashOf([rest, ...Object.entries(functions).flat()])
  }

  /** All that a verdict rests on but the functions that it runs. */
  keyOf({ name, race }: NamedRace, { variant, arch, kernel, seconds }: CellJob): string {
    return hashOf([this.hashes.rest, this.restOf(name), race.name, JSON.stringify(conditionsOf(race.variants[variant]!, arch, kernel)), JSON.stringify(race.variants[variant]!.expect), String(seconds)])
  }

  /** The hash of a function as it is now; undefined when it is not there any more. */
  functionNow(name: string): string | undefined {
    const known = this.own.get(name) ?? this.hashes.functions[name]
    // A change may have given a function without a name that of the one it replaces: then all of its file counts.
    return known ?? this.own.get(name.slice(0, name.lastIndexOf(' ')))
  }

  /** What a race says beside its functions. */
  private restOf(name: string): string {
    const known = this.rests.get(name)
    if (known !== undefined) return known
    const rest = isFile(name) ? this.restOfFile(name) : this.hashes.races[name] ?? ''
    this.rests.set(name, rest)
    return rest
  }

  private restOfFile(file: string): string {
    const parts: string[] = []
    for (const [one, { functions, rest }] of outlinesFrom(file)) {
      for (const [name, text] of functions) this.own.set(`${one} ${name}`, hashOf([text]))
      this.own.set(one, hashOf([rest, ...[...functions].flat()]))
      parts.push(rest)
    }
    return hashOf(parts)
  }
}
