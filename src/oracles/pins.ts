import type { Access, Cell } from '../engine/model/memory.js'
import { UserError } from '../engine/errors.js'
import { FOLL_PIN } from '../kernel/include/gup_flags.js'
import type { Mm } from '../kernel/include/mm.js'
import { PAGE_MAPPING_ANON } from '../kernel/include/page.js'
import type { Kernel } from '../kernel/kernel.js'
import type { Cpu } from '../machine/cpu.js'

/** A page that GUP has handed out and that has not been given back. There is one for each time it was handed out. */
export interface Pin {
  readonly mm: Mm
  readonly address: number
  readonly pfn: number
  /** A FOLL_PIN, not a plain reference. */
  readonly pinned: boolean
  /** A FOLL_PIN on anonymous memory, and the address space has neither unmapped nor moved the address since. */
  readonly stays: boolean
  /** The address space has not taken the address away since GUP was called. */
  readonly current: boolean
}

/** A place in an address space. */
export interface Place {
  readonly mm: Mm
  readonly address: number
}

const PINNED = 1
const STAYS = 2
const CURRENT = 4

const PFN_BITS = 10
const CPU_BITS = 4
const KIND_BITS = 3

/** Pins that may be held at once, for every CPU. */
const PER_CPU = 4

/**
 * What GUP has handed out, kept up to date by observers. One ghost cell per pin, in descending order, so that equal sets are equal
 * states.
 */
export class Pins {
  /** All addresses there are. */
  readonly places: readonly Place[]
  private readonly records: readonly Cell[]
  /** By CPU: its GUP that is under way: mm, first address, and a mask of addresses that were taken away meanwhile. */
  private readonly calls: readonly { readonly mm: Cell; readonly start: Cell; readonly gone: Cell }[]
  /** By CPU: what it is taking away; `transfer`: but for what is pinned, which stays. */
  private readonly taking: readonly { readonly mm: Cell; readonly start: Cell; readonly end: Cell; readonly transfer: Cell }[]

  constructor(private readonly kernel: Kernel) {
    const { memory } = kernel.machine
    this.places = kernel.mms.objects.flatMap((mm) => Array.from({ length: kernel.taskSize }, (_, address) => ({ mm, address })))
    this.records = memory.cells('pins', kernel.cpus.length * PER_CPU, 0, { ghost: true })
    const cells = <K extends string>(what: string, ...fields: K[]) =>
      kernel.cpus.map(({ index }) => Object.fromEntries(fields.map((field) => [field, memory.ghost(`${what}.${index}.${field}`)])) as Record<K, Cell>)
    this.calls = cells('gup', 'mm', 'start', 'gone')
    this.taking = cells('taking', 'mm', 'start', 'end', 'transfer')
    kernel.observers.push({
      gupStarts: (m, cpu, mm, start, end) => this.starts(m, cpu, mm, start, end),
      gupReturns: (m, cpu, mm, start, pages, flags) => this.returns(m, cpu, mm, start, pages, flags),
      unpins: (m, cpu, page, pinned) => this.givesBack(m, cpu, page.pfn, pinned),
      unmaps: (m, cpu, mm, start, end) => this.takes(m, cpu, mm, start, end),
      moves: (m, cpu, mm, start, end) => this.takes(m, cpu, mm, start, end),
      transfers: (m, cpu, mm, start, end) => this.begins(m, cpu, mm, start, end, 1),
      promises: (m, cpu, mm, start, end, what) => what === 'no access' && this.taken(m, cpu, mm, start, end),
    })
  }

  /** All that are held. */
  list(m: Access): readonly Pin[] {
    const held: Pin[] = []
    for (const cell of this.records) {
      const record = m.get(cell)
      if (record === 0) break
      held.push(this.decode(record))
    }
    return held
  }

  isHeld(m: Access, pfn: number): boolean {
    return this.list(m).some((pin) => pin.pfn === pfn)
  }

  /** Whether somebody is taking the mapping of this address away, so that what it means is in between. */
  isTaken(m: Access, mm: Mm, address: number): boolean {
    return this.taking.some((call) => m.get(call.mm) === mm.ref && m.get(call.start) <= address && address < m.get(call.end))
  }

  /** Whether somebody moves what is not pinned to another address. */
  isTransferring(m: Access): boolean {
    return this.taking.some((call) => m.get(call.transfer) !== 0)
  }

  private starts(m: Access, { index }: Cpu, mm: Mm, start: number, end: number): void {
    const call = this.calls[index]!
    m.set(call.mm, mm.ref)
    m.set(call.start, start)
    m.set(call.gone, 0)
    for (let address = start; address < end; address++) if (this.isTaken(m, mm, address)) this.gone(m, call, address)
  }

  private gone(m: Access, call: (typeof this.calls)[number], address: number): void {
    const bit = address - m.get(call.start)
    if (bit >= 0 && bit < 31) m.set(call.gone, m.get(call.gone) | (1 << bit))
  }

  private returns(m: Access, cpu: Cpu, mm: Mm, start: number, pages: readonly { readonly pfn: number; readonly mapping: Cell }[], flags: number): void {
    const call = this.calls[cpu.index]!
    const gone = m.get(call.gone)
    pages.forEach((page, i) => {
      const current = gone & (1 << i) ? 0 : CURRENT
      const stays = current && m.get(page.mapping) & PAGE_MAPPING_ANON ? STAYS : 0
      this.add(m, this.encode(mm, start + i, cpu, page.pfn, current | (flags & FOLL_PIN ? PINNED | stays : 0)))
    })
    for (const cell of [call.mm, call.start, call.gone]) m.set(cell, 0)
  }

  /** Whoever gives a page back: if he got one himself it is that. Not what a GUP under way returns to nobody. */
  private givesBack(m: Access, { index }: Cpu, pfn: number, pinned: boolean): void {
    if (m.get(this.calls[index]!.mm) !== 0) return
    const all = this.records.map((cell) => m.get(cell)).filter((record) => record !== 0)
    const rank = (record: number): number =>
      (this.decode(record).pinned === pinned ? 2 : 0) + (((record >>> (KIND_BITS + PFN_BITS)) & ((1 << CPU_BITS) - 1)) === index ? 1 : 0)
    const mine = all.filter((record) => this.decode(record).pfn === pfn).toSorted((a, b) => rank(b) - rank(a))[0]
    if (mine !== undefined) this.write(m, all.filter((record, i) => i !== all.indexOf(mine) && record))
  }

  private begins(m: Access, { index }: Cpu, mm: Mm, start: number, end: number, transfer: number): void {
    const call = this.taking[index]!
    m.set(call.mm, mm.ref)
    m.set(call.start, start)
    m.set(call.end, end)
    m.set(call.transfer, transfer)
  }

  private takes(m: Access, cpu: Cpu, mm: Mm, start: number, end: number): void {
    this.begins(m, cpu, mm, start, end, 0)
    this.forget(m, mm, start, end, STAYS | CURRENT)
  }

  private taken(m: Access, { index }: Cpu, mm: Mm, start: number, end: number): void {
    const call = this.taking[index]!
    // It says of each page that it has gone, and at last of none.
    if (m.get(call.transfer) && start < end) return
    this.forget(m, mm, start, end, CURRENT)
    if (m.get(call.mm) === mm.ref) for (const cell of [call.mm, call.start, call.end, call.transfer]) m.set(cell, 0)
  }

  private forget(m: Access, mm: Mm, start: number, end: number, kind: number): void {
    for (const call of this.calls) {
      if (m.get(call.mm) === mm.ref) for (let address = start; address < end; address++) this.gone(m, call, address)
    }
    const all = this.records.map((cell) => m.get(cell)).filter((record) => record !== 0)
    this.write(m, all.map((record) => {
      const pin = this.decode(record)
      return pin.mm === mm && pin.address >= start && pin.address < end ? record & ~kind : record
    }))
  }

  private add(m: Access, record: number): void {
    this.write(m, [...this.records.map((cell) => m.get(cell)).filter((other) => other !== 0), record])
  }

  private write(m: Access, records: readonly number[]): void {
    if (records.length > this.records.length) {
      throw new UserError('too-many-pins', `more than ${this.records.length} pages are held by callers of GUP at once`, 'give them back sooner: the oracles keep no more')
    }
    const sorted = records.toSorted((a, b) => b - a)
    this.records.forEach((cell, i) => m.set(cell, sorted[i] ?? 0))
  }

  private encode(mm: Mm, address: number, cpu: Cpu, pfn: number, kind: number): number {
    const place = (mm.ref - 1) * this.kernel.taskSize + address
    return (((((place << CPU_BITS) | cpu.index) << PFN_BITS) | pfn) << KIND_BITS) | kind
  }

  private decode(record: number): Pin {
    const { mm, address } = this.places[record >>> (KIND_BITS + PFN_BITS + CPU_BITS)]!
    const pfn = (record >>> KIND_BITS) & ((1 << PFN_BITS) - 1)
    return { mm, address, pfn, pinned: (record & PINNED) !== 0, stays: (record & STAYS) !== 0, current: (record & CURRENT) !== 0 }
  }
}

const known = new WeakMap<Kernel, Pins>()

/** The pins of a kernel. Laid out at the first call. */
export function pinsOf(kernel: Kernel): Pins {
  const pins = known.get(kernel) ?? new Pins(kernel)
  known.set(kernel, pins)
  return pins
}
