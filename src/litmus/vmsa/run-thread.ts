import type { Access, Cell } from '../../engine/model/memory.js'
import { atomic, load, type Steps } from '../../engine/model/step.js'
import type { Cpu } from '../../machine/cpu.js'
import type { Fault } from '../../machine/translation.js'
import { stored, user_access, type UserOperation } from '../../machine/user.js'
import { LitmusError } from '../litmus-error.js'
import { compute, conditionHolds, setsFlags } from './alu.js'
import type { Address, Instruction, Operand, VmsaThread } from './ast.js'
import { changeBits, storedWord } from './entry-word.js'
import { instructionAddress, labelAddress, labelIndex, type VmsaMachine } from './vmsa-machine.js'

/** Where a thread is. Never changed in place, as the engine re-runs threads from their start. */
interface Context {
  readonly handling: boolean
  readonly pc: number
  readonly registers: Readonly<Record<number, number>>
  /** The flag Z. */
  readonly equal: boolean
  /** ELR_EL1: the address an exception returns to. */
  readonly elr: number
  /** What the last LDXR loaded. */
  readonly exclusive: number
  /** Exceptions and jumps back so far. */
  readonly rounds: number
}

const ZERO = 31
const END = Number.MAX_SAFE_INTEGER
/** What a load leaves that has faulted, where faults are not precise. */
const UNKNOWN = -0x7fffffff
/** After so many exceptions and jumps back a run is given up: it may never end, as herd7 unrolls loops only so far. */
const MAX_ROUNDS = 4

/** A thread of a test as model code. A fault without a handler ends it. Loops are followed for a few rounds. */
export function* runThread(vm: VmsaMachine, cpu: Cpu): Steps {
  const thread = vm.test.threads[cpu.index]!
  const registers = Object.fromEntries([...thread.registers].map(([register, value]) => [register, vm.value(value)]))
  let at: Context = { handling: false, pc: 0, registers, equal: false, elr: 0, exclusive: 0, rounds: 0 }
  for (;;) {
    const instruction = codeOf(thread, at)[at.pc]
    if (!instruction) break
    if (at.rounds > MAX_ROUNDS) return yield* atomic('goes on and on', (m) => m.set(vm.endless, 1))
    at = yield* execute(vm, cpu, at, instruction)
  }
  const left = at.registers
  yield* atomic(`P${cpu.index} ends`, (m) => {
    for (const [name, cell] of vm.registers) {
      const [index, register] = name.split(':')
      if (Number(index) === cpu.index) m.set(cell, left[Number(register)] ?? 0)
    }
  })
}

const codeOf = (thread: VmsaThread, at: Context): readonly Instruction[] => (at.handling ? thread.handler! : thread.code)

const read = (at: Context, operand: Operand): number =>
  'constant' in operand ? operand.constant : operand.register === ZERO ? 0 : at.registers[operand.register] ?? 0

const write = (at: Context, register: number, value: number): Context =>
  ({ ...at, pc: at.pc + 1, registers: register === ZERO ? at.registers : { ...at.registers, [register]: value } })

const next = (at: Context): Context => ({ ...at, pc: at.pc + 1 })

const addressOf = (at: Context, { base, index }: Address): number => read(at, { register: base }) + read(at, index)

function* execute(vm: VmsaMachine, cpu: Cpu, at: Context, instruction: Instruction): Steps<Context> {
  const tlb = vm.machine.tlb!
  switch (instruction.op) {
    case 'nop':
      return next(at)
    case 'mov':
      return write(at, instruction.to, read(at, instruction.from))
    case 'alu': {
      const result = compute(instruction.name, read(at, { register: instruction.a }), read(at, instruction.b) * 2 ** instruction.shift)
      const after = write(at, instruction.to, result)
      return setsFlags(instruction.name) ? { ...after, equal: result === 0 } : after
    }
    case 'cmp':
      return { ...next(at), equal: read(at, { register: instruction.a }) === read(at, instruction.b) }
    case 'csel':
      return write(at, instruction.to, read(at, conditionHolds(instruction.cond, at.equal) ? instruction.a : instruction.b))
    case 'branch':
      return branch(codeOf(vm.test.threads[cpu.index]!, at), at, instruction)
    case 'adr':
      return write(at, instruction.to, labelAddress(vm.test.threads[cpu.index]!.code, instruction.target))
    case 'msr-elr':
      return { ...next(at), elr: read(at, { register: instruction.from }) }
    case 'mrs-elr':
      return write(at, instruction.to, at.elr)
    case 'eret':
      yield* atomic('ERET', (m) => tlb.synchronise(m, cpu))
      return { ...at, handling: false, pc: labelIndex(at.elr) }
    case 'isb':
      yield* atomic('ISB', (m) => tlb.synchronise(m, cpu))
      return next(at)
    case 'dsb':
      if (instruction.stores) yield* barrier(vm, cpu, instruction.text, instruction.loads)
      return next(at)
    case 'tlbi':
      return yield* invalidate(vm, cpu, at, instruction)
    case 'load':
      return yield* access(vm, cpu, at, instruction, instruction.at, instruction.to, { kind: 'load', value: 0 })
    case 'load-exclusive': {
      const after = yield* access(vm, cpu, at, instruction, instruction.at, instruction.to, { kind: 'load', value: 0 })
      return { ...after, exclusive: read(after, { register: instruction.to }) }
    }
    case 'store-exclusive': {
      const value = read(at, { register: instruction.from })
      const operation = { kind: 'compare-and-swap', value, expected: at.exclusive } as const
      const after = yield* access(vm, cpu, at, instruction, instruction.at, instruction.to, operation)
      const failed = read(after, { register: instruction.to }) === at.exclusive ? 0 : 1
      return after.pc === at.pc + 1 ? write(at, instruction.to, failed) : after
    }
    case 'store': {
      const value = read(at, { register: instruction.from })
      return yield* access(vm, cpu, at, instruction, instruction.at, ZERO, { kind: 'store', value })
    }
    case 'rmw': {
      const value = read(at, { register: instruction.operand })
      const operation = { kind: instruction.name, value, expected: read(at, { register: instruction.to }) }
      return yield* access(vm, cpu, at, instruction, instruction.at, instruction.to, operation)
    }
  }
}

/** A DSB that waits for stores; one that waits for everything completes invalidations too, and with ETS2 ends walks. */
const barrier = ({ machine: { tlb }, lateUpdates }: VmsaMachine, cpu: Cpu, label: string, full: boolean): Steps =>
  atomic(label, (m) => {
    tlb!.sync(m, cpu)
    if (!full) return
    tlb!.complete(m, cpu)
    lateUpdates?.sync(m, cpu)
    if (!tlb!.rules.staleFaults) tlb!.synchronise(m, cpu)
  })

function branch(code: readonly Instruction[], at: Context, { cond, register, target }: Instruction & { op: 'branch' }): Context {
  const value = read(at, { register })
  const taken = cond === 'CBZ' ? value === 0 : cond === 'CBNZ' ? value !== 0 : conditionHolds(cond, at.equal)
  if (!taken) return next(at)
  const index = code.findIndex((instruction) => instruction.label === target)
  if (index < 0) throw new LitmusError(`no label ${target}`)
  return { ...at, pc: index, rounds: index > at.pc ? at.rounds : at.rounds + 1 }
}

function* invalidate(vm: VmsaMachine, cpu: Cpu, at: Context, { text, broadcast, page }: Instruction & { op: 'tlbi' }): Steps<Context> {
  const first = page === undefined ? 0 : read(at, { register: page })
  const end = page === undefined ? END : first + 1
  const range = { start: first, end, call: 'page', freedTables: false, fullmm: false } as const
  yield* atomic(text, (m) => {
    vm.lateUpdates?.syncAll(m)
    vm.machine.tlb!.issue(m, cpu, vm.space.context, range, true, !broadcast)
  })
  return next(at)
}

/** A load, store or atomic. `to` takes the value before, unless it is the zero register. */
function* access(
  vm: VmsaMachine, cpu: Cpu, at: Context, instruction: Instruction, address: Address, to: number, operation: UserOperation,
): Steps<Context> {
  const target = vm.target(addressOf(at, address))
  if ('entry' in target) return write(at, to, yield* accessEntry(vm, cpu, target.entry, operation, instruction.text))
  const result = yield* user_access(vm.space, target.page, operation, instruction.text)
  if ('value' in result) return write(at, to, result.value)
  const after = yield* fault(vm, cpu, at, instruction, target.page, result.fault)
  return vm.test.imprecise && !after.handling ? { ...write(after, to, UNKNOWN), pc: after.pc } : after
}

/** Entries are written through a mapping of their own, which never faults. */
function* accessEntry(vm: VmsaMachine, cpu: Cpu, entry: Cell, operation: UserOperation, label: string): Steps<number> {
  if (operation.kind === 'load') {
    return vm.lateUpdates ? yield* vm.lateUpdates.load(entry, label) : yield* load(entry, { label })
  }
  return yield* atomic(label, (m) => {
    const old = m.get(entry)
    vm.machine.tlb!.writeEntry(m, cpu, entry, newEntry(operation, old))
    return old
  })
}

function newEntry(operation: UserOperation, old: number): number {
  const { kind, value } = operation
  if (kind === 'set' || kind === 'clear' || kind === 'xor') return changeBits(old, value, kind)
  if (kind === 'add') throw new LitmusError('arithmetic on page-table entries is not supported')
  return storedWord(stored(operation, old))
}

/** An exception: its entry synchronises the context, then the handler runs, or the thread is over. */
function* fault(vm: VmsaMachine, cpu: Cpu, at: Context, { label }: Instruction, page: number, why: Fault): Steps<Context> {
  yield* atomic(`${why} fault`, (m) => {
    record(m, vm, cpu, label, page, why)
    vm.machine.tlb!.synchronise(m, cpu)
  })
  const { code, handler } = vm.test.threads[cpu.index]!
  if (!handler || at.handling) return { ...at, handling: false, pc: code.length }
  return { ...at, handling: true, pc: 0, elr: instructionAddress(at.pc), rounds: at.rounds + 1 }
}

function record(m: Access, vm: VmsaMachine, cpu: Cpu, label: string | undefined, page: number, why: Fault): void {
  for (const [asked, cell] of vm.faults) {
    const matches = asked.thread === cpu.index && (asked.label === undefined || asked.label === label) &&
      (asked.of === undefined || vm.pfn(asked.of) === page) && (asked.why === undefined || asked.why === why.replace('-', ''))
    if (matches) m.set(cell, 1)
  }
}
