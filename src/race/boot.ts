import { UserError } from '../engine/errors.js'
import { isSteps } from '../engine/model/is-steps.js'
import type { Steps } from '../engine/model/step.js'
import { shown } from '../engine/shown.js'
import type { Program } from '../engine/program.js'
import type { Change } from '../kernel/changes/change.js'
import { isExecuted, type KernelChanges } from '../kernel/changes/changes_of.js'
import { activate } from '../kernel/kernel.js'
import { primed } from '../kernel/locking/primed.js'
import { INTERRUPTS } from '../machine/lock-context.js'
import { queues_work } from '../kernel/workqueue/workqueue.js'
import type { KernelName } from '../machine/kernels.js'
import { bootMachine } from './boot-machine.js'
import { featureAbsent, missingFeatures } from './features.js'
import type { EndCheck } from '../oracles/oracle.js'
import { changeProblem } from './named-changes.js'
import type { Sizes } from './growing.js'
import { installOracles, oracleIds } from './race-oracles.js'
import type { Race, Values } from './race.js'
import { expectMarks } from './reach.js'

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
  /** What the race has been found to need more of while it ran: a run is told by these, and repeated with them. */
  readonly sizes?: Sizes
}

function checkChanges(ids: readonly string[], option: 'revert' | 'apply', own: readonly Change[] = []): void {
  for (const id of ids) {
    const wrong = changeProblem(id, option, own)
    if (wrong) throw wrong
  }
}

const booted = new WeakMap<Program, KernelChanges>()

/** The changes of the kernel that a program of a race runs on. */
export const changesIn = (program: Program): KernelChanges => booted.get(program)!

/** What a lane runs. */
function lane(name: string, code: unknown): Steps<unknown> {
  if (isSteps(code)) return code
  throw new UserError('bad-lane', `cpus.${name} gives ${shown(code)}, which takes no steps`, `'${name}': function* (env) { yield* … }`)
}

/** The program of a race under given conditions. */
export function boot(race: Race, conditions: Conditions): Program {
  const missing = missingFeatures(race, conditions.arch, conditions.kernel)
  if (missing.length > 0) throw featureAbsent(conditions.arch, missing, conditions.kernel)
  const { revert = [], apply = [], with: values = {} } = conditions
  checkChanges(revert, 'revert')
  checkChanges(apply, 'apply', race.changes)
  const marks = [...race.sometimes, ...race.maybe ?? []]
  expectMarks(marks)
  const { kernel, env, log } = bootMachine(race, conditions)
  const { cells: memory, cpus, geometry: { workers } } = kernel
  const lanes = Object.entries(race.cpus)
  const endChecks: EndCheck[] = []
  log.tell(() => endChecks.push(...installOracles(race.oracles, kernel, env)))
  const program: Program = {
    memory,
    threads: lanes.map(([name, body], i) => ({
      name, context: cpus[i]!, endless: race.endless?.includes(name) ?? false,
      body: workers > 0 && i < lanes.length - workers ? () => queues_work(lane(name, body(env, values))) : () => lane(name, body(env, values)),
    })),
    atEnd: (m) => endChecks.forEach((look) => look(m)),
    ...(oracleIds(race.oracles).includes('O12') && { lockOrder: { oracle: 'O12', interrupts: INTERRUPTS, known: primed(kernel) } }),
    ...(race.changes && race.changes.length > 0 && {
      cameBy: (called) => race.changes!.filter((change) => isExecuted(change, kernel.changes, called)).map(({ id }) => id),
    }),
    activate: () => {
      activate(kernel)
      expectMarks(marks)
    },
  }
  booted.set(program, kernel.changes)
  return program
}
