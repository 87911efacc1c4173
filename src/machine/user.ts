import type { Access } from '../engine/model/memory.js'
import { atomic, choose, type Steps } from '../engine/model/step.js'
import { type Cpu, this_cpu } from './cpu.js'
import type { AddressSpaceView } from './mm-context.js'
import { _PAGE_ACCESSED, _PAGE_DIRTY } from './pte.js'
import { type Leaf, leafBelow } from './tlb.js'
import { access } from './translation.js'

/** An access of user code. `write` is undefined for a load. */
interface UserAccess {
  readonly space: AddressSpaceView
  readonly va: number
  readonly write: number | undefined
}

/** Runs in the step of every user access that does not fault. For oracles. */
export type AccessHook = (m: Access, cpu: Cpu, space: AddressSpaceView, va: number, leaf: Leaf, write: boolean) => void

const FAULT = [0, 0] as const
/** What one try led to: a fault, [1, value], or [2, n] when it depends on which of n translations is used. */
type Outcome = readonly [code: 0 | 1 | 2, value: number]

/** The access through one translation. */
function through(m: Access, cpu: Cpu, a: UserAccess, leaf: Leaf, current: Leaf): Outcome {
  const write = a.write !== undefined
  const verdict = access(cpu.machine.profile, leaf.word, write, leaf.entry !== undefined)
  if (verdict === 'fault') return FAULT
  if (verdict === 'update') {
    if (!leaf.entry) return through(m, cpu, a, current, current)
    m.set(leaf.entry, m.get(leaf.entry) | _PAGE_ACCESSED | (write ? _PAGE_DIRTY : 0))
  }
  const page = a.space.page(leaf.word, a.va)
  if (page === undefined) return FAULT
  if (leaf !== current) m.note(leaf.entry ? 'walk from a stale table pointer' : 'stale TLB entry')
  for (const hook of cpu.machine.accessHooks) hook(m, cpu, a.space, a.va, leaf, write)
  if (a.write !== undefined) m.set(page, a.write)
  return [1, m.get(page)]
}

/** Uses translation number `which` of those there are; number 0, the one in the tables, when there are fewer. */
function attempt(m: Access, cpu: Cpu, a: UserAccess, which: number | undefined): Outcome {
  const leaves = cpu.machine.tlb?.translations(m, cpu, a.space, a.va) ?? [leafBelow(m, a.space, a.va, a.space.root, a.space.rootLevel)]
  if (which === undefined && leaves.length > 1) return [2, leaves.length]
  return through(m, cpu, a, leaves[which ?? 0] ?? leaves[0]!, leaves[0]!)
}

function* user_access(a: UserAccess): Steps<Outcome> {
  const cpu = yield* this_cpu()
  const label = a.write === undefined ? `LD ${a.va}` : `ST ${a.va} = ${a.write}`
  const first = yield* atomic<Outcome>(label, (m) => attempt(m, cpu, a, undefined))
  if (first[0] !== 2) return first
  const which = yield* choose(first[1], { label: 'which translation' })
  return yield* atomic<Outcome>(label, (m) => attempt(m, cpu, a, which))
}

/** A load by user code on this CPU. Undefined if it faults: then nothing has happened, and the kernel has to act. */
export function* user_load(space: AddressSpaceView, va: number): Steps<number | undefined> {
  const [code, value] = yield* user_access({ space, va, write: undefined })
  return code === 1 ? value : undefined
}

/** A store by user code on this CPU. Returns whether it was done; if not it faulted and nothing has happened. */
export function* user_store(space: AddressSpaceView, va: number, value: number): Steps<boolean> {
  const [code] = yield* user_access({ space, va, write: value })
  return code === 1
}
