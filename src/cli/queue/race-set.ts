import path from 'node:path'
import { hashOf, outlinesFrom } from '../../instrument/hashes.js'
import { Foundations } from '../cache/foundations.js'
import { isFile } from '../is-file.js'
import { builtInRaces } from '../races.js'

/** The races that somebody works on: those that come with mmrace, and files that were named when it was started. */
export class RaceSet {
  /** Of the model, and of the text of all files: who has another works on another queue. */
  readonly model: string
  private readonly names: ReadonlySet<string>

  constructor(races: readonly string[]) {
    const files = races.filter(isFile)
    const texts = files.map((file) => [path.basename(file), ...[...outlinesFrom(file).values()].flatMap(({ rest, functions }) => [rest, ...[...functions].flat()])])
    this.model = hashOf([new Foundations().model, ...texts.toSorted(([a], [b]) => (a! < b! ? -1 : 1)).flat()])
    this.names = new Set([...builtInRaces(), ...files])
    this.files = files
  }

  private readonly files: readonly string[]

  /** What this machine calls a race of the other; undefined when it has none of the name. No path comes from elsewhere. */
  own(race: string): string | undefined {
    return isFile(race) ? this.files.find((file) => path.basename(file) === path.basename(race)) : this.names.has(race) ? race : undefined
  }

  get queue(): string {
    return `mmrace-${this.model}`
  }
}
