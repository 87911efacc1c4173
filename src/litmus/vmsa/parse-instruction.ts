import { LitmusError } from '../litmus-error.js'
import type { Address, Instruction, Operand, Rmw } from './ast.js'

const ZERO = 31
const ALU = /^(ADD|SUB|AND|ORR|EOR|BIC|LSL|LSR)S?$/
type Body<T = Instruction> = T extends Instruction ? Omit<T, 'label' | 'text'> : never

/** One cell of the table: `L0: STR W1,[X2]`. Undefined if it holds no instruction (a label alone is a NOP). */
export function parseInstruction(cell: string): Instruction | undefined {
  const [, label, text] = /^(?:(\w+)\s*:)?\s*(.*)$/s.exec(cell.trim())!
  if (!text && !label) return undefined
  const [, mnemonic = 'NOP', rest = ''] = /^(\S+)\s*(.*)$/s.exec(text!) ?? []
  const body = parseBody(mnemonic.toUpperCase(), split(rest), text!)
  return { label, text: text!.replace(/\s+/g, ' '), ...body } as Instruction
}

/** Operands by their commas, those inside brackets apart. */
const split = (text: string): string[] => text.split(/,(?![^[]*\])/).map((part) => part.trim()).filter((part) => part !== '')

function parseBody(name: string, args: readonly string[], text: string): Body {
  const [a = '', b = '', c = '', d = ''] = args
  if (args.length > (name === 'CSEL' || ALU.test(name) ? 4 : 3)) throw new LitmusError(`too many operands: ${text}`)
  if (name === 'NOP') return { op: 'nop' }
  if (name === 'ISB') return { op: 'isb' }
  if (name === 'ERET') return { op: 'eret' }
  if (name === 'MOV') return { op: 'mov', to: register(a), from: operand(b) }
  if (ALU.test(name)) return { op: 'alu', name, to: register(a), a: register(b), b: operand(c), shift: shift(d) }
  if (name === 'TST') return { op: 'alu', name: 'ANDS', to: ZERO, a: register(a), b: operand(b), shift: shift(c) }
  if (name === 'CMP') return { op: 'cmp', a: register(a), b: operand(b) }
  if (name === 'CSEL') return { op: 'csel', to: register(a), a: operand(b), b: operand(c), cond: d.toUpperCase() }
  if (name === 'CSET') return { op: 'csel', to: register(a), a: { constant: 1 }, b: { constant: 0 }, cond: b.toUpperCase() }
  if (/^LD(R|AR|APR)$/.test(name)) return { op: 'load', to: register(a), at: address(b) }
  if (/^ST(R|LR)$/.test(name)) return { op: 'store', from: register(a), at: address(b) }
  if (/^LDA?XR$/.test(name)) return { op: 'load-exclusive', to: register(a), at: address(b) }
  if (/^STL?XR$/.test(name)) return { op: 'store-exclusive', to: register(a), from: register(b), at: address(c) }
  const rmw = /^(SWP|CAS|LDADD|LDSET|LDCLR|LDEOR)(?:A|L|AL)?$/.exec(name)
  if (rmw) return parseRmw(rmw[1]!, register(a), register(b), address(c))
  const storeRmw = /^ST(ADD|SET|CLR|EOR)L?$/.exec(name)
  if (storeRmw) return parseRmw(`LD${storeRmw[1]}`, register(a), ZERO, address(b))
  if (name === 'B') return { op: 'branch', cond: 'AL', register: ZERO, target: a }
  if (/^B\.(EQ|NE)$/.test(name)) return { op: 'branch', cond: name.slice(2), register: ZERO, target: a }
  if (/^CBN?Z$/.test(name)) return { op: 'branch', cond: name, register: register(a), target: b }
  if (name === 'DMB') return { op: 'nop' }
  if (name === 'DSB') return { op: 'dsb', stores: !/LD$/i.test(a), loads: !/ST$/i.test(a) }
  if (name === 'TLBI') return parseTlbi(a.toUpperCase(), b, text)
  if (name === 'ADR') return { op: 'adr', to: register(a), target: b }
  if (name === 'MSR' && a.toUpperCase() === 'ELR_EL1') return { op: 'msr-elr', from: register(b) }
  if (name === 'MRS' && b.toUpperCase() === 'ELR_EL1') return { op: 'mrs-elr', to: register(a) }
  throw new LitmusError(`unknown instruction: ${text}`)
}

function parseRmw(name: string, first: number, second: number, at: Address): Body {
  const names: Record<string, Rmw> = { SWP: 'swap', LDADD: 'add', LDSET: 'set', LDCLR: 'clear', LDEOR: 'xor' }
  // CAS compares with its first register and puts the old value there; the others take it and fill the second.
  if (name === 'CAS') return { op: 'rmw', name: 'compare-and-swap', operand: second, to: first, at }
  return { op: 'rmw', name: names[name]!, operand: first, to: second, at }
}

function parseTlbi(kind: string, by: string, text: string): Body {
  const broadcast = /[IO]S$/.test(kind)
  if (/^(VMALL|ALL|VMALLS12|ASID)/.test(kind)) return { op: 'tlbi', broadcast, page: undefined }
  if (kind.startsWith('VA')) return { op: 'tlbi', broadcast, page: register(by) }
  throw new LitmusError(`unknown TLBI: ${text}`)
}

function register(text: string): number {
  const match = /^[XW]([0-9]+|ZR)$/i.exec(text)
  if (!match) throw new LitmusError(`not a register: ${text}`)
  return match[1]!.toUpperCase() === 'ZR' ? ZERO : Number(match[1])
}

const operand = (text: string): Operand =>
  /^[XW]/i.test(text) ? { register: register(text) } : { constant: constant(text) }

/** `LSL #10` on the second operand: how far. */
function shift(text: string): number {
  if (text === '') return 0
  const match = /^LSL\s*#?([0-9]+)$/i.exec(text)
  if (!match) throw new LitmusError(`not a shift: ${text}`, undefined, 'LSL #10 is one')
  return Number(match[1])
}

function constant(text: string): number {
  const value = Number(text.replace(/^#/, ''))
  if (text === '' || Number.isNaN(value)) throw new LitmusError(`not a number: ${text}`)
  return value
}

/** `[X1]`, `[X1,#8]`, `[X1,W2,SXTW]` */
function address(text: string): Address {
  const match = /^\[\s*(\w+)\s*(?:,\s*([#\w]+)\s*(?:,\s*SXTW\s*)?)?\]$/i.exec(text)
  if (!match) throw new LitmusError(`not an address: ${text}`)
  return { base: register(match[1]!), index: match[2] ? operand(match[2]) : { constant: 0 } }
}
