import { type Access, type Cell, Memory } from '../../engine/model/memory.js'
import { Machine } from '../../machine/machine.js'
import type { AddressSpaceView } from '../../machine/mm-context.js'
import { profileByName } from '../../machine/profiles/index.js'
import { word_pfn } from '../../machine/pte.js'
import type { TlbRules } from '../../machine/tlb-rules.js'
import type { Formula } from '../parse/ast.js'
import { LitmusError } from '../litmus-error.js'
import type { Atom, Instruction, Place, Value, VmsaTest } from './ast.js'
import { entryWord, formatEntry, vmsaRules } from './entry-word.js'
import { LateUpdates } from './late-updates.js'

const PAGE = 4096
/** Addresses of page-table entries and of instructions, clear of those of locations. */
const WORD = 8
const INSTRUCTION = 4
const ENTRIES = 0x10000000
const LABELS = 0x20000000
/** More values of one entry than any test of this size writes. */
const STALE_DEPTH = 8

type Fault = Extract<Atom, { kind: 'fault' }>

/** A machine laid out for one test: a page, an entry and a virtual address for each location, ghosts for what is observed. */
export class VmsaMachine {
  readonly memory = new Memory()
  readonly machine: Machine
  readonly space: AddressSpaceView
  readonly data: readonly Cell[]
  readonly entries: readonly Cell[]
  /** Registers that the condition reads, as the thread leaves them: by `thread:register`. */
  readonly registers = new Map<string, Cell>()
  /** Faults that the condition asks for: 1 once it has happened. */
  readonly faults = new Map<Fault, Cell>()
  /** Where hardware manages AF or the dirty state. */
  readonly lateUpdates: LateUpdates | undefined
  /** 1 once a thread was given up as it seemed to have no end. */
  readonly endless: Cell = this.memory.ghost('endless')

  constructor(readonly test: VmsaTest, rules: Partial<TlbRules> = {}) {
    const { memory } = this
    this.machine = new Machine(memory, profileByName('arm64')!, {
      cpus: test.threads.length,
      staleDepth: STALE_DEPTH,
      rules: { ...vmsaRules, ...rules },
      updates: test.threads.map(({ ha, hd }) => ({ hardwareAccessed: ha, hardwareDirty: hd })),
    })
    this.data = test.locations.map((name) => {
      const value = test.data.get(name)
      return memory.cell(name, value ? this.value(value) : 0)
    })
    this.entries = test.locations.map((name) => {
      const { oa = name, ...fields } = test.entries.get(name) ?? {}
      const format = (word: number): string => formatEntry(word, (pfn) => test.locations[pfn - 1] ?? '?')
      return memory.cell(`pte_${name}`, entryWord(this.pfn(oa), fields), { format })
    })
    this.space = {
      context: this.machine.context('mm'),
      root: { entry: (page) => this.entries[page - 1]! },
      rootLevel: 0,
      table: () => undefined,
      page: (word) => this.data[word_pfn(word) - 1],
    }
    for (const cpu of this.machine.cpus) this.machine.startOn(cpu, this.space.context)
    for (let page = 1; page <= this.entries.length; page++) this.machine.tlb!.track(this.space, page)
    this.machine.tlb!.watchTable(this.space.root, this.entries)
    if (test.threads.some(({ ha, hd }) => ha || hd)) this.lateUpdates = new LateUpdates(memory, this.machine, this.entries)
    this.observe(test.condition)
    this.observe(test.filter)
  }

  /** The page frame of a location; its virtual page has the same number. */
  pfn(name: string): number {
    return this.test.locations.indexOf(name) + 1
  }

  /** The integer that stands for a value in registers and memory. */
  value(value: Value): number {
    switch (value.kind) {
      case 'number':
        return value.value
      case 'address':
        return this.pfn(value.of) * PAGE
      case 'entry':
        return ENTRIES + this.pfn(value.of) * WORD
      case 'pte':
        return entryWord(value.fields.oa === undefined ? 0 : this.pfn(value.fields.oa), value.fields)
      case 'label':
        return labelAddress(this.test.threads[value.thread]?.code ?? [], value.label)
    }
  }

  /** Where an address leads: an entry, which is reached without translation, or the page of a location. */
  target(address: number): { entry: Cell } | { page: number } {
    const entry = this.entries[(address - ENTRIES) / WORD - 1]
    if (entry !== undefined) return { entry }
    if (address % PAGE !== 0 || !this.data[address / PAGE - 1]) throw new LitmusError(`no location at address ${address}`)
    return { page: address / PAGE }
  }

  /** Whether a formula of the test holds in a state. */
  holds(m: Access, formula: Formula<Atom>): boolean {
    switch (formula.kind) {
      case 'and':
        return this.holds(m, formula.left) && this.holds(m, formula.right)
      case 'or':
        return this.holds(m, formula.left) || this.holds(m, formula.right)
      case 'implies':
        return !this.holds(m, formula.left) || this.holds(m, formula.right)
      case 'not':
        return !this.holds(m, formula.of)
      case 'equal':
        return m.get(this.cell(formula.place)) === this.expected(formula)
      case 'fault':
        return m.get(this.faults.get(formula)!) === 1
      default:
        return formula.kind === 'true'
    }
  }

  cell(place: Place): Cell {
    if (place.kind === 'register') return this.registers.get(`${place.thread}:${place.register}`)!
    return (place.kind === 'data' ? this.data : this.entries)[this.pfn(place.of) - 1]!
  }

  /** An entry is compared with its own page where the file names none. */
  private expected({ place, to }: Extract<Atom, { kind: 'equal' }>): number {
    if (to.kind !== 'pte' || place.kind !== 'entry') return this.value(to)
    return entryWord(this.pfn(to.fields.oa ?? place.of), to.fields)
  }

  private observe(formula: Formula<Atom>): void {
    if (formula.kind === 'not') this.observe(formula.of)
    else if (formula.kind === 'and' || formula.kind === 'or' || formula.kind === 'implies') {
      this.observe(formula.left)
      this.observe(formula.right)
    } else if (formula.kind === 'fault') this.faults.set(formula, this.memory.ghost(`fault${this.faults.size}`))
    else if (formula.kind === 'equal' && formula.place.kind === 'register') {
      const name = `${formula.place.thread}:${formula.place.register}`
      if (!this.registers.has(name)) this.registers.set(name, this.memory.ghost(name))
    }
  }
}

/** The address of a label in some code, which ADR takes and ERET goes to. */
export function labelAddress(code: readonly Instruction[], label: string): number {
  const index = code.findIndex((instruction) => instruction.label === label)
  if (index < 0) throw new LitmusError(`no label ${label}`)
  return instructionAddress(index)
}

/** The place in the code that an address of labelAddress() names. */
export const labelIndex = (address: number): number => (address - LABELS) / INSTRUCTION
/** The address of the n-th instruction. */
export const instructionAddress = (index: number): number => LABELS + index * INSTRUCTION
