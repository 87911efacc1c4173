import type { Access } from '../../engine/model/memory.js'
import { atomic, choose, type Steps } from '../../engine/model/step.js'
import type { ThreadSpec } from '../../engine/program.js'
import { check } from '../../engine/search/explore.js'
import type { Machine } from '../../machine/machine.js'
import { _PAGE_ACCESSED, hardware_present } from '../../machine/pte.js'
import type { TlbRules } from '../../machine/tlb-rules.js'
import { LimitError } from '../litmus-error.js'
import type { Observation } from '../lkmm/check-lkmm.js'
import type { VmsaTest } from './ast.js'
import { runThread } from './run-thread.js'
import { VmsaMachine } from './vmsa-machine.js'

export interface VmsaOptions {
  /** Rules of the TLB that differ from the architecture's. */
  rules?: Partial<TlbRules>
  /** Changes the machine before the run: what a broken one would answer. */
  change?: (machine: Machine) => void
  /** FEAT_ETS2: faults come from the tables as they are, and a DSB also ends walks done ahead. Default: as the file says. */
  ets2?: boolean
  /** Whether hardware may set AF of entries that nothing accesses (a walk on speculation). Default true. */
  speculation?: boolean
  /** Limit of states. Default one million. */
  maxStates?: number
}

export interface VmsaResult {
  readonly test: VmsaTest
  readonly observation: Observation
  /** Whether the test's own claim (`exists`, `~exists`, `forall`) holds. */
  readonly ok: boolean
  /** Whether an entry was replaced by one for another page while a CPU could still use the old one. */
  readonly breakBeforeMake: boolean
  readonly states: number
}

const BREAK_BEFORE_MAKE = 'break-before-make'

/**
 * Runs a test on the machine's TLB in every interleaving, under sequential consistency and the arm64 profile.
 * Throws LitmusError for what it does not support, LimitError beyond the limit.
 */
export function checkVmsa(test: VmsaTest, options: VmsaOptions = {}): VmsaResult {
  const vm = new VmsaMachine(test, { ...options.rules, ...((options.ets2 ?? test.ets2) && { staleFaults: false }) })
  vm.machine.tlb!.replaceHooks.push((m) => m.reach(BREAK_BEFORE_MAKE))
  options.change?.(vm.machine)
  const threads: ThreadSpec[] = vm.machine.cpus.map((cpu) =>
    ({ name: `P${cpu.index}`, body: () => runThread(vm, cpu), context: cpu }))
  if (options.speculation !== false && test.threads.some(({ ha }) => ha)) threads.push(walker(vm))
  const atEnd = (m: Access): void => {
    if (m.get(vm.endless) || !vm.holds(m, test.filter)) return
    m.reach(vm.holds(m, test.condition) ? 'yes' : 'no')
  }
  const limit = options.maxStates ?? 1_000_000
  const { stats, ...result } = check({ memory: vm.memory, threads, atEnd }, { states: limit, all: true })
  if (result.verdict !== 'holds') throw new LimitError(`more than ${limit} states`)
  const [yes, no] = ['yes', 'no'].map((name) => stats.reached.includes(name))
  const observation = !yes ? 'Never' : no ? 'Sometimes' : 'Always'
  const ok = test.quantifier === 'exists' ? yes! : test.quantifier === 'forall' ? !no : !yes
  return { test, observation, ok, breakBeforeMake: stats.reached.includes(BREAK_BEFORE_MAKE), states: stats.states }
}

/** Hardware that walks on speculation: sets AF of any valid entry at any time, as often as the test clears it. */
function walker(vm: VmsaMachine): ThreadSpec {
  const { test } = vm
  const clear = [...test.entries.values(), ...test.threads.flatMap(({ registers }) =>
    [...registers.values()].map((value) => (value.kind === 'pte' ? value.fields : {})))].filter(({ af }) => af === 0).length
  return {
    name: 'walker',
    * body(): Steps {
      for (let i = 0; i < clear; i++) {
        const which = yield* choose(1 + vm.entries.length)
        if (which > 0) yield* setAccessed(vm, which - 1)
      }
    },
  }
}

const setAccessed = (vm: VmsaMachine, n: number): Steps =>
  atomic(`walk of ${vm.test.locations[n]}: AF = 1`, (m) => {
    const word = m.get(vm.entries[n]!)
    if (hardware_present(word)) m.set(vm.entries[n]!, word | _PAGE_ACCESSED)
  })
