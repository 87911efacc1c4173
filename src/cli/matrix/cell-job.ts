import type { KernelName } from '../../machine/kernels.js'
import type { ChangeCell } from '../../race/change-cell.js'
import type { Race } from '../../race/race.js'

/** One cell to search: a race by name or file, one of its variants, an architecture, a kernel. */
export interface CellJob {
  readonly race: string
  readonly variant: string
  readonly arch: string
  readonly kernel: KernelName
  /** Files with changes of the user's. */
  readonly changes: readonly string[]
  /** The most the search may take. */
  readonly seconds: number
  /** What to tell of beside the verdict. */
  readonly tell?: { readonly functions?: boolean; readonly coverage?: boolean }
}

/** What came of it, and how long it took. */
export interface CellDone extends ChangeCell {
  readonly milliseconds: number
  /** Found in a cache. */
  readonly cached?: true
  /** The functions of model code that set it up, or that runs came by. */
  readonly functions?: readonly string[]
  readonly covered?: Covered
}

/** What the runs of a search came by. */
export interface Covered {
  readonly entered: readonly (readonly [file: string, arms: Uint8Array])[]
  /** Ids of changes that were asked for, or whose functions ran. */
  readonly changes: readonly string[]
  readonly reached: readonly string[]
}

/** A race as the user named it, and itself. */
export interface NamedRace {
  readonly name: string
  readonly race: Race
}

interface Wanted extends Pick<CellJob, 'seconds' | 'changes' | 'tell'> {
  readonly archs: readonly string[]
  readonly kernels: readonly KernelName[]
}

/** Every variant of the races × kernel × profile, in the order in which they are told. */
export const jobsOf = (races: readonly NamedRace[], { archs, kernels, ...rest }: Wanted): CellJob[] => races.flatMap(({ name, race }) =>
  Object.keys(race.variants).flatMap((variant) => kernels.flatMap((kernel) => archs.map((arch) => ({ race: name, variant, arch, kernel, ...rest })))))

/** `NAME, variant bug, arm64, Linux 6.1`. */
export const jobText = ({ race, variant, arch, kernel }: CellJob): string => `${race}, variant ${variant}, ${arch}, Linux ${kernel}`
