import type { Access, Cell } from '../engine/model/memory.js'
import { Blocked, Step, type Steps } from '../engine/model/step.js'
import { type Cpu, this_cpu } from './cpu.js'
import type { AddressSpaceView } from './mm-context.js'
import { _PAGE_ACCESSED, _PAGE_DIRTY } from './pte.js'
import { type Leaf, leafBelow } from './tlb.js'
import { access, type Fault } from './translation.js'

/** What an instruction does with a word of memory. */
export interface UserOperation {
  readonly kind: 'load' | 'store' | 'swap' | 'compare-and-swap' | 'add' | 'set' | 'clear' | 'xor'
  /** What is stored, added ... Nothing for a load. */
  readonly value: number
  /** For compare-and-swap. */
  readonly expected?: number
}

/** The value before, or why the access faulted: then nothing has happened, and the kernel has to act. */
export type UserResult = { readonly value: number } | { readonly fault: Fault }

/** A user access that does not fault, and the translation it goes through. */
export interface UserAccess {
  readonly cpu: Cpu
  readonly space: AddressSpaceView
  readonly va: number
  readonly leaf: Leaf
  /** Where the content of the page is. */
  readonly page: Cell
  /** What a write leaves there; undefined for a load. */
  readonly value: number | undefined
}

/** Runs in the step of every user access that does not fault, before memory changes. For oracles. */
export type AccessHook = (m: Access, access: UserAccess) => void

/** What the operation leaves in memory where it found `old`. */
export function stored({ kind, value, expected }: UserOperation, old: number): number {
  switch (kind) {
    case 'load':
      return old
    case 'store':
    case 'swap':
      return value
    case 'compare-and-swap':
      return old === expected ? value : old
    case 'add':
      return old + value
    case 'set':
      return old | value
    case 'clear':
      return old & ~value
    case 'xor':
      return old ^ value
  }
}

/** The access through one translation. */
function through(
  m: Access, cpu: Cpu, space: AddressSpaceView, va: number, operation: UserOperation, leaf: Leaf, current: Leaf,
): UserResult | Blocked {
  const write = operation.kind !== 'load'
  const verdict = access(cpu.updates, leaf.word, write)
  if (verdict === 'update') {
    if (!leaf.entry) return through(m, cpu, space, va, operation, current, current)
    m.set(leaf.entry, m.get(leaf.entry) | _PAGE_ACCESSED | (write ? _PAGE_DIRTY : 0))
  } else if (verdict !== 'ok') {
    const impossible = leaf !== current && cpu.machine.tlb?.rules.staleFaults === false
    if (impossible) return new Blocked('faults come from the tables')
    cpu.machine.tlb?.faulted(m, cpu, space, va)
    return { fault: verdict }
  }
  const page = space.page(leaf.word, va)
  if (page === undefined) return { fault: 'translation' }
  if (leaf !== current) m.note(leaf.entry ? 'walk from a stale table pointer' : 'stale TLB entry')
  const old = m.get(page)
  const value = write ? stored(operation, old) : undefined
  for (const hook of cpu.machine.accessHooks) hook(m, { cpu, space, va, leaf, page, value })
  if (value !== undefined) m.set(page, value)
  return { value: old }
}

const describe = (va: number, { kind, value }: UserOperation): string =>
  kind === 'load' ? `LD ${va}` : kind === 'store' ? `ST ${va} = ${value}` : `${kind} ${va}, ${value}`

/**
 * An access of user code on this CPU, as one step with an alternative for each translation there may be: number 0 is
 * the one in the tables.
 */
export function* user_access(
  space: AddressSpaceView, va: number, operation: UserOperation, label = describe(va, operation),
): Steps<UserResult> {
  const cpu = yield* this_cpu()
  const { tlb } = cpu.machine
  const attempt = (m: Access, which: number): UserResult | Blocked => {
    const leaves = tlb?.translations(m, cpu, space, va) ?? [leafBelow(m, space, va, space.root, space.rootLevel)]
    const leaf = leaves[which]
    return leaf ? through(m, cpu, space, va, operation, leaf, leaves[0]!) : new Blocked('no such translation')
  }
  return yield* new Step('atomic', undefined, attempt, { order: 'full', label }, tlb?.mostTranslations(space) ?? 1)
}

/** A load by user code. Undefined if it faults. */
export function* user_load(space: AddressSpaceView, va: number): Steps<number | undefined> {
  const result = yield* user_access(space, va, { kind: 'load', value: 0 })
  return 'value' in result ? result.value : undefined
}

/** A store by user code. Returns whether it was done; if not it faulted. */
export function* user_store(space: AddressSpaceView, va: number, value: number): Steps<boolean> {
  return 'value' in (yield* user_access(space, va, { kind: 'store', value }))
}
