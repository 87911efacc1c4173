import { UserError } from '../engine/errors.js'
import { changesOf } from '../kernel/changes/changes_of.js'
import { changeById } from '../kernel/changes/index.js'
import { DEFAULT_KERNEL, isKernelName, type KernelName, kernelNames } from '../machine/kernels.js'
import { profileNames } from '../machine/profiles/index.js'
import type { Conditions } from '../race/boot.js'
import { changeProblem } from '../race/change-problem.js'
import type { Race } from '../race/race.js'

export interface ConditionFlags {
  arch?: string
  kernel?: string
  revert?: string
  apply?: string
  bug?: boolean
}

export const ALL_PROFILES = profileNames
const DEFAULT_ARCH = 'arm64'

const split = (list: string | undefined): string[] => list?.split(',').map((part) => part.trim()).filter((part) => part !== '') ?? []

/** `arm64,s390`, or `all`. */
export function archList(text: string | undefined, without: readonly string[] = [DEFAULT_ARCH]): readonly string[] {
  if (text === undefined) return without
  return text === 'all' ? ALL_PROFILES : split(text)
}

/** For the help of commands. */
export const KERNEL_HELP = `which: ${kernelNames.join(', ')} (default ${DEFAULT_KERNEL})`

/** The kernel of this name, or the default. */
export function kernelOf(name: string = DEFAULT_KERNEL): KernelName {
  if (!isKernelName(name)) throw new UserError('unknown-kernel', `there is no kernel "${name}"`, `the kernels are ${kernelNames.join(', ')}`)
  return name
}

/** `6.1,7.3`, or `all`. */
export const kernelList = (text: string): readonly KernelName[] => (text === 'all' ? kernelNames : split(text).map(kernelOf))

/** What `--arch`, `--kernel`, `--revert`, `--apply` and `--bug` ask for: one set of conditions for each architecture. */
export function conditionsOf(race: Race, flags: ConditionFlags): Conditions[] {
  const bug = flags.bug ? race.variants['bug'] : undefined
  if (flags.bug && !bug) throw new UserError('no-bug-form', `race ${race.name} declares no variant "bug"`, `use --revert; its variants are ${Object.keys(race.variants).join(', ')}`)
  const revert = [...new Set([...split(flags.revert), ...(bug?.revert ?? [])])]
  const apply = [...new Set([...split(flags.apply), ...(bug?.apply ?? [])])]
  const kernel = kernelOf(flags.kernel)
  const without = split(flags.revert).find((id) => changeById(id) && !changesOf(kernel).ids.has(id))
  if (without !== undefined && !changeProblem(without, 'revert')) throw new UserError('not-there', `Linux ${kernel} does not have ${without}`, 'mmrace explain names the first kernel with it')
  const twice = split(flags.apply).find((id) => changesOf(kernel).ids.has(id))
  if (twice !== undefined) throw new UserError('there-already', `Linux ${kernel} has ${twice}`, 'it goes with --revert')
  return archList(flags.arch).map((arch) => ({ arch, kernel, revert, apply }))
}
