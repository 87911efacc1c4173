import { UserError } from '../engine/errors.js'
import { profiles } from '../machine/profiles/index.js'
import type { Conditions } from '../race/boot.js'
import type { Race } from '../race/race.js'

export interface ConditionFlags {
  arch?: string
  revert?: string
  apply?: string
  bug?: boolean
}

export const ALL_PROFILES = profiles.map((profile) => profile.name)
const DEFAULT_ARCH = 'arm64'

const split = (list: string | undefined): string[] => list?.split(',').map((part) => part.trim()).filter((part) => part !== '') ?? []

/** `arm64,s390`, or `all`. */
export function archList(text: string | undefined, without: readonly string[] = [DEFAULT_ARCH]): readonly string[] {
  if (text === undefined) return without
  return text === 'all' ? ALL_PROFILES : split(text)
}

/** What `--arch`, `--revert`, `--apply` and `--bug` ask for: one set of conditions for each architecture. */
export function conditionsOf(race: Race, flags: ConditionFlags): Conditions[] {
  const bug = flags.bug ? race.variants['bug'] : undefined
  if (flags.bug && !bug) throw new UserError('no-bug-form', `race ${race.name} declares no variant "bug"`, `use --revert; its variants are ${Object.keys(race.variants).join(', ')}`)
  const revert = [...new Set([...split(flags.revert), ...(bug?.revert ?? [])])]
  const apply = [...new Set([...split(flags.apply), ...(bug?.apply ?? [])])]
  return archList(flags.arch).map((arch) => ({ arch, revert, apply }))
}
