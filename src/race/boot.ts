import { modelThrew, UserError } from '../engine/errors.js'
import { nearestHint } from '../engine/nearest.js'
import { shown } from '../engine/shown.js'
import { Memory } from '../engine/model/memory.js'
import type { Program } from '../engine/program.js'
import { give_pages_rcu_heads } from '../kernel/mm/swap/free_pages_rcu.js'
import type { Change } from '../kernel/changes/change.js'
import { changesOf, type KernelChanges, watched } from '../kernel/changes/changes_of.js'
import { flush_with_cpus } from '../kernel/drivers/iommu_sva/flush_with_cpus.js'
import { SMALL } from '../kernel/geometry.js'
import { activate, Kernel } from '../kernel/kernel.js'
import { __mmput } from '../kernel/mm/fork/mmput.js'
import { primed } from '../kernel/locking/primed.js'
import { INTERRUPTS } from '../machine/lock-context.js'
import { queues_work } from '../kernel/workqueue/workqueue.js'
import { Machine } from '../machine/machine.js'
import { DEFAULT_KERNEL, type KernelName } from '../machine/kernels.js'
import { profileByName, profileNames } from '../machine/profiles/index.js'
import { oracles } from '../oracles/index.js'
import { changeProblem } from './change-problem.js'
import type { Race, Values } from './race.js'
import { Setup } from './setup.js'

/** What a race runs on. */
export interface Conditions {
  /** A name from `profileNames`. */
  readonly arch: string
  /** Default: DEFAULT_KERNEL. */
  readonly kernel?: KernelName
  readonly revert?: readonly string[]
  readonly apply?: readonly string[]
  /** Of a variant. */
  readonly with?: Values
}

const profileOf = (arch: string, kernel: KernelName) => {
  const profile = profileByName(arch, kernel)
  if (!profile) throw new UserError('unknown-profile', `there is no profile ${shown(arch)}`, nearestHint(arch, profileNames, `the profiles are ${profileNames.join(', ')}`))
  return profile
}

function checkChanges(ids: readonly string[], option: 'revert' | 'apply', own: readonly Change[] = []): void {
  for (const id of ids) {
    const wrong = changeProblem(id, option, own)
    if (wrong) throw wrong
  }
}

/** Pages reach the LRU at once: until then a batch would hold a reference that looks like somebody's. */
const DRAINED = { pagevecSize: 1 } as const

/** TLBs and walk caches may hold any translation of any address space. */
function trackTranslations({ machine: { tlb }, mms, tables, taskSize }: Kernel): void {
  for (const mm of mms.objects) for (let address = 0; address < taskSize; address++) tlb?.track(mm, address)
  for (const table of [...mms.objects.map((mm) => mm.pgd), ...tables.objects]) tlb?.watchTable(table, table.entries)
}

/** What a race's own setup() makes. */
function setUp<Env>(race: Race<Env>, setup: Setup, values: Values): Env {
  try {
    return race.setup(setup, values)
  } catch (cause) {
    throw modelThrew('setup()', cause, 'the race could not be set up; the stack is below')
  }
}

const booted = new WeakMap<Program, KernelChanges>()

/** The changes of the kernel that a program of a race runs on. */
export const changesIn = (program: Program): KernelChanges => booted.get(program)!

/** The program of a race under given conditions. */
export function boot(race: Race, conditions: Conditions): Program {
  const { arch, kernel: version = DEFAULT_KERNEL, revert = [], apply = [], with: values = {} } = conditions
  checkChanges(revert, 'revert')
  checkChanges(apply, 'apply', race.changes)
  const lanes = Object.entries(race.cpus)
  const memory = new Memory()
  const geometry = { ...SMALL, ...DRAINED, ...race.geometry }
  const machine = new Machine(memory, profileOf(arch, version), { cpus: lanes.length, iommus: geometry.iommus, tlb: race.tlb ?? false })
  const kernel = new Kernel(machine, { geometry, changes: watched(changesOf(version, { revert, apply, own: race.changes ?? [] })) })
  if (kernel.changes.ids.has('6bbd42e2df8f') && !kernel.changes.ids.has('mutant-flush-cpus-only') && kernel.svas.length > 0) machine.afterFlush = flush_with_cpus
  if (kernel.changes.ids.has('pages-through-rcu')) give_pages_rcu_heads(kernel)
  kernel.asyncPuts.forEach((work, i) => { work.func = () => __mmput(kernel.mms.objects[i]!) })
  activate(kernel)
  trackTranslations(kernel)
  const setup = new Setup(kernel, new Map(lanes.map(([name], i) => [name, machine.cpus[i]!])))
  const env = setUp(race, setup, values)
  kernel.changes.asked.clear()
  memory.initial.splice(0, memory.initial.length, ...setup.finish())
  const wanted = race.oracles ?? [...oracles.values()].filter(({ lint }) => !lint).map(({ id }) => id)
  const endChecks = wanted.map((id) => {
    const oracle = oracles.get(id)
    if (!oracle) throw new UserError('unknown-oracle', `there is no oracle "${id}"`, `the oracles are ${[...oracles.keys()].join(', ')}`)
    return oracle.install(kernel)
  })
  const program: Program = {
    memory,
    threads: lanes.map(([name, body], i) => ({
      name, context: machine.cpus[i]!,
      body: geometry.workers > 0 && i < lanes.length - geometry.workers ? () => queues_work(body(env, values)) : () => body(env, values),
    })),
    atEnd: (m) => endChecks.forEach((look) => look?.(m)),
    ...(wanted.includes('O12') && { lockOrder: { oracle: 'O12', interrupts: INTERRUPTS, known: primed(kernel) } }),
    activate: () => activate(kernel),
  }
  booted.set(program, kernel.changes)
  return program
}
