import type { ExploreOptions } from '../engine/search/explore.js'
import type { Result } from '../engine/search/result.js'
import type { Conditions } from '../race/boot.js'
import type { Race } from '../race/race.js'
import { CheckpointFile, readCheckpoint } from './checkpoint-file.js'
import { type ConditionFlags, conditionWords } from './conditions.js'
import { numberOf, type SearchFlags, searchWords } from './search-options.js'

export interface CheckpointFlags {
  checkpoint?: string
  checkpointSeconds: string
  resume?: string
}

/** What `--checkpoint` and `--resume` ask for, for one race under one set of conditions. */
export class Checkpoints {
  readonly options: Pick<ExploreOptions, 'checkpoint' | 'resume'>
  private readonly file: CheckpointFile | undefined
  private readonly search: string

  /** `name`: how the user named the race. */
  constructor(flags: CheckpointFlags & SearchFlags & ConditionFlags, name: string, race: Race, { arch }: Conditions) {
    const { checkpoint, checkpointSeconds, resume } = flags
    const search = ['mmrace check', name, '--arch', arch, ...conditionWords(flags), ...searchWords(flags)].join(' ')
    const file = checkpoint === undefined ? undefined : new CheckpointFile(checkpoint, search, race)
    this.search = search
    this.file = file
    this.options = {
      ...(file && { checkpoint: { seconds: numberOf('--checkpoint-seconds', checkpointSeconds)!, save: (state) => file.save(state) } }),
      ...(resume !== undefined && { resume: readCheckpoint(resume, search, race) }),
    }
  }

  /** How to go on with a search that stopped early; empty when it did not. */
  goOn(result: Result): string {
    return this.file?.written && result.verdict === 'not-found' ? `\n\n  go on: ${this.search} --resume ${this.file.file}` : ''
  }
}
