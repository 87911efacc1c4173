import type { Formula, Quantifier } from '../parse/ast.js'

/** Fields of a page-table entry; what a file leaves out has its default (`(oa:phy_x, af:1, db:1, dbm:0, valid:1)`). */
export interface PteFields {
  /** The location whose page it maps. */
  readonly oa?: string
  readonly valid?: number
  readonly af?: number
  readonly db?: number
  readonly dbm?: number
}

/** An initial value, or what a place is compared with. */
export type Value =
  | { readonly kind: 'number'; readonly value: number }
  /** The virtual address of a location, or of its page-table entry. */
  | { readonly kind: 'address' | 'entry'; readonly of: string }
  | { readonly kind: 'pte'; readonly fields: PteFields }
  | { readonly kind: 'label'; readonly thread: number; readonly label: string }

/** A register by number, the content of a location, or its page-table entry. */
export type Place =
  | { readonly kind: 'register'; readonly thread: number; readonly register: number }
  | { readonly kind: 'data' | 'entry'; readonly of: string }

export type Atom =
  | { readonly kind: 'equal'; readonly place: Place; readonly to: Value }
  /** Thread `thread` has faulted, at a label, on a location, for a reason where these are given. */
  | {
    readonly kind: 'fault'
    readonly thread: number
    readonly label: string | undefined
    readonly of: string | undefined
    readonly why: string | undefined
  }

/** A register (31: the zero register) or a constant. */
export type Operand = { readonly register: number } | { readonly constant: number }

/** `[Xbase, index]` */
export interface Address {
  readonly base: number
  readonly index: Operand
}

export type Rmw = 'swap' | 'compare-and-swap' | 'add' | 'set' | 'clear' | 'xor'

export type Instruction = {
  readonly label: string | undefined
  readonly text: string
} & (
  | { readonly op: 'mov'; readonly to: number; readonly from: Operand }
  | { readonly op: 'alu'; readonly name: string; readonly to: number; readonly a: number; readonly b: Operand; readonly shift: number }
  | { readonly op: 'cmp'; readonly a: number; readonly b: Operand }
  | { readonly op: 'csel'; readonly to: number; readonly a: Operand; readonly b: Operand; readonly cond: string }
  | { readonly op: 'load'; readonly to: number; readonly at: Address }
  | { readonly op: 'store'; readonly from: number; readonly at: Address }
  | { readonly op: 'rmw'; readonly name: Rmw; readonly operand: number; readonly to: number; readonly at: Address }
  /** STXR: stores if the place still holds what the last LDXR loaded; `to` gets 0 if it did. */
  | { readonly op: 'load-exclusive'; readonly to: number; readonly at: Address }
  | { readonly op: 'store-exclusive'; readonly to: number; readonly from: number; readonly at: Address }
  | { readonly op: 'branch'; readonly cond: string; readonly register: number; readonly target: string }
  /** `stores`, `loads`: what it waits for. */
  | { readonly op: 'dsb'; readonly stores: boolean; readonly loads: boolean }
  | { readonly op: 'nop' | 'isb' | 'eret' }
  | { readonly op: 'tlbi'; readonly broadcast: boolean; readonly page: number | undefined }
  | { readonly op: 'adr'; readonly to: number; readonly target: string }
  | { readonly op: 'msr-elr'; readonly from: number }
  | { readonly op: 'mrs-elr'; readonly to: number }
)

export interface VmsaThread {
  readonly code: readonly Instruction[]
  /** The fault handler (`P1.F`), if the file has one. */
  readonly handler: readonly Instruction[] | undefined
  readonly registers: ReadonlyMap<number, Value>
  /** TTHM: whether hardware sets AF, and DB where DBM is set. */
  readonly ha: boolean
  readonly hd: boolean
}

/** A litmus file of the AArch64 VMSA dialect. */
export interface VmsaTest {
  readonly name: string
  readonly threads: readonly VmsaThread[]
  /** Names of all locations, each with a page of its own. */
  readonly locations: readonly string[]
  readonly data: ReadonlyMap<string, Value>
  readonly entries: ReadonlyMap<string, PteFields>
  readonly quantifier: Quantifier
  readonly condition: Formula<Atom>
  /** Only final states with this count. */
  readonly filter: Formula<Atom>
  /** Faults are imprecise: one without a handler leaves the register that was to be loaded unknown. */
  readonly imprecise: boolean
  /** The file asks for FEAT_ETS2. */
  readonly ets2: boolean
}
