import { REAL, type Geometry } from '../kernel/geometry.js'
import type { KernelName } from '../machine/kernels.js'
import type { Profile } from '../machine/profile.js'
import { profileOn } from '../machine/profiles/index.js'

/** A machine that programs were recorded on. */
export interface RecordedMachine {
  readonly profile: Profile
  readonly geometry: Geometry
  /** Whether the LRU batches were drained after every operation. If not, when they got full follows from the recording. */
  readonly drained: boolean
  /** Whether its kernel has CONFIG_NUMA, and with it move_pages(2). */
  readonly numa: boolean
}

/** Where it differs from a profile of its name, on two nodes. */
interface Difference {
  readonly profile?: string
  readonly facts?: Partial<Profile>
  readonly geometry?: Partial<Geometry>
  readonly drained?: false
  readonly numa?: false
}

const ONE_NODE: Partial<Geometry> = { nodes: 1, pages: 2 * REAL.pages, hugePages: 4 * REAL.hugePages }

const MACHINES: Readonly<Record<string, Difference>> = {
  'x86-64': { profile: 'x86-native' },
  riscv64: { geometry: ONE_NODE },
  /** Debian's kernel has no NUMA, and the emulated CPU no EDAT-1: no huge pages (`arch/s390/include/asm/pgtable.h:has_transparent_hugepage`). */
  s390x: {
    profile: 's390', facts: { thp: false, numaBalancing: false }, drained: false, numa: false,
    geometry: { ...ONE_NODE, pagevecSize: 31, mirrors: 0, devicePrivate: 0 },
  },
  /** THP_SWAP is of 4 KiB pages only, PMD tables are shared with 16 KiB too. `arch/arm64/Kconfig`. */
  'arm64-16k': { profile: 'arm64', facts: { pageShift: 14, pmdShift: 25, thpSwap: false } },
  /** hash__has_transparent_hugepage() wants a page size that the emulated CPU has not. */
  'ppc64-hash': { facts: { thp: false } },
  'ppc64-radix-64k': { profile: 'ppc64-radix', facts: { pageShift: 16 } },
}

/** Page tables as large as the architecture's, for a region of eight of them or 4096 pages. */
function tables({ pageShift, pmdShift }: Profile): Partial<Geometry> {
  const ptrsPerPte = 1 << (pmdShift - pageShift)
  const ptrsPerPmd = Math.max(REAL.ptrsPerPmd, (REAL.ptrsPerPte * REAL.ptrsPerPmd) / ptrsPerPte)
  return { ptrsPerPte, ptrsPerPmd, filePages: ptrsPerPte * ptrsPerPmd, tables: REAL.mms * ptrsPerPmd }
}

/** The kernel with an observer that the programs of 6.1 were recorded on: without CONFIG_NUMA_BALANCING, unlike Debian's. */
const OBSERVED: Difference = { facts: { numaBalancing: false } }

const differenceOf = (name: string, kernel: KernelName): Difference =>
  (Object.hasOwn(MACHINES, name) ? MACHINES[name]! : name === 'x86-native' && kernel === '6.1' ? OBSERVED : {})

/** The machine that a recording is from: one of those named here, or a profile. */
export function recordedMachine(name: string, kernel: KernelName): RecordedMachine {
  const { profile: of = name, facts = {}, geometry = {}, drained = true, numa = true } = differenceOf(name, kernel)
  const profile = { ...profileOn(of, kernel), ...facts }
  return { profile, geometry: { ...REAL, ...tables(profile), ...geometry }, drained, numa }
}
