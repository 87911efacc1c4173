import { LitmusError } from '../litmus-error.js'
import type { Formula } from '../parse/ast.js'
import { parseFormula } from '../parse/parse-formula.js'
import { parseQuantifier } from '../parse/parse-litmus.js'
import { endOfPreamble, Tokens } from '../parse/tokens.js'
import type { Atom, Instruction, PteFields, Value, VmsaTest, VmsaThread } from './ast.js'
import { parseInstruction } from './parse-instruction.js'
import { parseLocation, parsePlace, parseValue } from './parse-value.js'

/** Reads an AArch64 litmus file that speaks of page tables (herd7's VMSA variant). Throws LitmusError. */
export function parseVmsa(source: string): VmsaTest {
  const header = /^\s*AArch64\s+(\S[^\n]*?)[ \t\r]*\n/.exec(source)
  if (!header) throw new LitmusError('not an AArch64 litmus test: the first line must be `AArch64 name`', 1)
  const text = source.replace(/\(\*.*?\*\)/gs, '').replace(/\/\/[^\n]*/g, '').replace(/label:"(P\d+):(\w+)"/g, 'label:$1:$2')
  const open = endOfPreamble(text, header[0].length)
  const close = text.indexOf('}', open)
  if (close < 0) throw new LitmusError('the initial state does not end')
  const end = close + 1 + endOfTable(text.slice(close + 1))
  const init = parseInit(new Tokens(text.slice(open + 1, close), 0))
  const columns = parseTable(text.slice(close + 1, end))
  const { quantifier, condition, filter } = parseEnd(new Tokens(text.slice(end), 0))
  const preamble = text.slice(0, open)
  const threads = [...columns.keys()].filter((name) => !name.endsWith('.F')).map((name, index): VmsaThread => ({
    code: columns.get(name)!,
    handler: columns.get(`${name}.F`),
    registers: init.registers.get(index) ?? new Map(),
    ...hardwareUpdates(preamble, name),
  }))
  const names = [...init.data.keys(), ...init.entries.keys(), ...init.mentioned, ...mentioned(condition), ...mentioned(filter)]
  return {
    name: header[1]!, threads, locations: [...new Set(names)].toSorted(),
    data: init.data, entries: init.entries, quantifier, condition, filter,
    imprecise: hasVariant(preamble, 'imprecise'), ets2: hasVariant(preamble, 'ets2'),
  }
}

const hasVariant = (preamble: string, name: string): boolean =>
  /^\s*variant\s*=(.*)$/im.exec(preamble)?.[1]!.toLowerCase().split(/[\s,]+/).includes(name) ?? false

/** `TTHM=HA HD` for all threads, `TTHM=P1:HA` for one. */
function hardwareUpdates(preamble: string, thread: string): { ha: boolean; hd: boolean } {
  const words = (/^\s*TTHM\s*=(.*)$/m.exec(preamble)?.[1] ?? '').trim().split(/[\s,]+/)
  const has = (what: string): boolean => words.includes(what) || words.includes(`${thread}:${what}`)
  return { ha: has('HA') || has('HD'), hd: has('HD') }
}

const endOfTable = (text: string): number => {
  const end = /^\s*(?:~?\s*exists|forall|locations|filter)\b/m.exec(text)
  return end ? end.index : text.length
}

function parseTable(text: string): Map<string, Instruction[]> {
  const [head = [], ...rows] = text.split(';').map((row) => row.split('|').map((cell) => cell.trim()))
  const columns = new Map(head.map((name): [string, Instruction[]] => [name, []]))
  if (!columns.has('P0')) throw new LitmusError('expected a table of threads from P0 on')
  for (const row of rows) {
    row.forEach((cell, i) => {
      const instruction = parseInstruction(cell)
      if (instruction) append(columns.get(head[i]!) ?? [], instruction)
    })
  }
  return columns
}

/** A label in a cell of its own belongs to the next instruction. */
function append(code: Instruction[], instruction: Instruction): void {
  const last = code[code.length - 1]
  if (last?.op === 'nop' && last.text === '' && instruction.label === undefined) {
    code[code.length - 1] = { ...instruction, label: last.label }
  } else code.push(instruction)
}

interface Init {
  readonly registers: Map<number, Map<number, Value>>
  readonly data: Map<string, Value>
  readonly entries: Map<string, PteFields>
  /** Locations that registers or entries speak of. */
  readonly mentioned: string[]
}

const TYPES = /^(u?int\d*_t|int|pteval_t|long|char)$/

function parseInit(tokens: Tokens): Init {
  const init: Init = { registers: new Map(), data: new Map(), entries: new Map(), mentioned: [] }
  while (!tokens.done) {
    if (tokens.accept(';')) continue
    if (TYPES.test(tokens.peek())) tokens.next()
    tokens.accept('*')
    if (tokens.peek(1) === '[') throw tokens.error('arrays are not supported')
    const place = parsePlace(tokens)
    const value: Value = tokens.accept('=') ? parseValue(tokens) : { kind: 'number', value: 0 }
    init.mentioned.push(...named(value))
    if (place.kind === 'register') {
      const registers = init.registers.get(place.thread) ?? new Map<number, Value>()
      init.registers.set(place.thread, registers.set(place.register, value))
    } else if (place.kind === 'data') init.data.set(place.of, value)
    else init.entries.set(place.of, value.kind === 'pte' ? value.fields : { valid: 0 })
  }
  return init
}

function parseEnd(tokens: Tokens): Pick<VmsaTest, 'quantifier' | 'condition' | 'filter'> {
  let filter: Formula<Atom> = { kind: 'true' }
  for (;;) {
    if (tokens.accept('locations')) while (!tokens.accept(']')) tokens.next()
    else if (tokens.accept('filter')) filter = parseFormula(tokens, parseAtom)
    else break
  }
  const quantifier = parseQuantifier(tokens)
  return { quantifier, condition: tokens.done ? { kind: 'true' } : parseFormula(tokens, parseAtom), filter }
}

function parseAtom(tokens: Tokens): Formula<Atom> {
  if (/^fault$/i.test(tokens.peek())) return parseFault(tokens)
  const place = parsePlace(tokens)
  const differs = tokens.accept('!=')
  if (!differs) tokens.expect('=')
  const equal: Atom = { kind: 'equal', place, to: parseValue(tokens) }
  return differs ? { kind: 'not', of: equal } : equal
}

/** `fault(P1:L0,x,MMU:Permission)` */
function parseFault(tokens: Tokens): Atom {
  tokens.next()
  tokens.expect('(')
  const thread = Number(/^P([0-9]+)$/.exec(tokens.name())?.[1])
  const label = tokens.accept(':') ? tokens.name() : undefined
  let of: string | undefined
  let why: string | undefined
  while (tokens.accept(',')) {
    if (!tokens.accept('MMU')) {
      const location = parseLocation(tokens)
      if (location.kind === 'entry') throw tokens.error('faults on page tables are not supported')
      of = location.of
    } else {
      tokens.expect(':')
      why = tokens.name().toLowerCase()
    }
  }
  tokens.expect(')')
  return { kind: 'fault', thread, label, of, why }
}

const named = (value: Value): string[] => {
  if (value.kind === 'address' || value.kind === 'entry') return [value.of]
  return value.kind === 'pte' && value.fields.oa !== undefined ? [value.fields.oa] : []
}

function mentioned(condition: Formula<Atom>): string[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
    case 'implies':
      return [...mentioned(condition.left), ...mentioned(condition.right)]
    case 'not':
      return mentioned(condition.of)
    case 'equal':
      return [...(condition.place.kind === 'register' ? [] : [condition.place.of]), ...named(condition.to)]
    case 'fault':
      return condition.of === undefined ? [] : [condition.of]
    default:
      return []
  }
}
