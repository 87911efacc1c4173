import { modelThrew, UserError } from '../engine/errors.js'
import { isSteps } from '../engine/model/is-steps.js'
import { Memory } from '../engine/model/memory.js'
import { changesOf, watched } from '../kernel/changes/changes_of.js'
import { type Geometry, type SizeName, SIZES, SMALL } from '../kernel/geometry.js'
import { activate, Kernel } from '../kernel/kernel.js'
import { Pool } from '../kernel/pool.js'
import { start } from '../kernel/start.js'
import { worker_thread } from '../kernel/workqueue/workqueue.js'
import { TooSmall } from '../kernel/too_small.js'
import { DEFAULT_KERNEL } from '../machine/kernels.js'
import { Machine } from '../machine/machine.js'
import { profileOn } from '../machine/profiles/index.js'
import type { Conditions } from './boot.js'
import { grow, grownSizes, needs } from './growing.js'
import type { Race, Values } from './race.js'
import { Setup } from './setup.js'
import { SetupLog } from './setup-log.js'

/** A machine with a race set up on it, and what its setup() has given back. */
interface Booted {
  readonly kernel: Kernel
  readonly env: unknown
  /** For the oracles, which come after it. */
  readonly log: SetupLog
}

/** Pages reach the LRU at once: until then a batch would hold a reference that looks like somebody's. */
const DRAINED = { pagevecSize: 1 } as const

/** Sizes that the race does not name follow from what its set-up makes; and they leave something for its CPUs to take. */
export function bootMachine(race: Race, conditions: Conditions): Booted {
  needs(race, conditions.sizes)
  for (;;) {
    const geometry: Geometry = { ...SMALL, ...DRAINED, workers: workersOf(race), ...grownSizes(race), ...race.geometry }
    try {
      const booted = bootWith(race, conditions, geometry)
      const short = shortOf(booted.kernel, race)
      if (!short) return booted
      grow(race, new TooSmall(short), () => geometry)
    } catch (error) {
      grow(race, error, () => geometry)
    }
  }
}

/** The last lanes, which are workers and nothing else. */
function workersOf({ cpus }: Race): number {
  const bodies: readonly unknown[] = Object.values(cpus)
  return bodies.length - 1 - bodies.findLastIndex((body) => body !== worker_thread)
}

function bootWith(race: Race, conditions: Conditions, geometry: Geometry): Booted {
  const { arch, kernel: version = DEFAULT_KERNEL, revert = [], apply = [], with: values = {} } = conditions
  const lanes = Object.keys(race.cpus)
  const memory = new Memory()
  const machine = new Machine(memory, profileOn(arch, version), { cpus: lanes.length, iommus: geometry.iommus, tlb: race.tlb ?? false })
  const kernel = new Kernel(machine, { geometry, changes: watched(changesOf(version, { revert, apply, own: race.changes ?? [] })) })
  start(kernel)
  activate(kernel)
  trackTranslations(kernel)
  const log = new SetupLog(kernel)
  const setup = new Setup(kernel, new Map(lanes.map((name, i) => [name, machine.cpus[i]!])), log)
  const env = setUp(race, setup, values)
  kernel.changes.asked.clear()
  log.finish(setup.finish())
  return { kernel, env, log }
}

/** TLBs and walk caches may hold any translation of any address space. */
function trackTranslations({ machine: { tlb }, mms, tables, taskSize }: Kernel): void {
  for (const mm of mms.objects) for (let address = 0; address < taskSize; address++) tlb?.track(mm, address)
  for (const table of [...mms.objects.map((mm) => mm.pgd), ...tables.objects]) tlb?.watchTable(table, table.entries)
}

/** What a race's own setup() makes. */
function setUp<Env>(race: Race<Env>, setup: Setup, values: Values): Env {
  let env: Env
  try {
    env = race.setup(setup, values)
  } catch (cause) {
    throw modelThrew('setup()', cause, 'the race could not be set up; the stack is below')
  }
  if (!isSteps(env) && !(env instanceof Promise)) return env
  throw new UserError('bad-setup', `race ${race.name}: setup is a generator or an async function`, 'setup: (k) => { … }; k.call(…) runs kernel code to its end')
}

/** What too few of are free now. A pool that has none at all is of a part that this kernel does not have. */
function shortOf(kernel: Kernel, race: Race): SizeName | undefined {
  const { initial } = kernel.cells
  for (const part of Object.values(kernel)) {
    if (!(part instanceof Pool) || part.objects.length === 0 || race.geometry?.[part.size] !== undefined) continue
    if (part.free_objects((cell) => initial[cell]!) < SIZES[part.size].spare) return part.size
  }
  return undefined
}
