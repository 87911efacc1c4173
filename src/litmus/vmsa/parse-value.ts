import type { Tokens } from '../parse/tokens.js'
import type { Place, PteFields, Value } from './ast.js'

/** `x`, `pte_x`, `PTE(x)`, `TTD(x)`: a location, or its page-table entry. */
export function parseLocation(tokens: Tokens): { kind: 'data' | 'entry'; of: string } {
  const name = tokens.name()
  if (name === 'PTE' || name === 'TTD') {
    tokens.expect('(')
    const of = tokens.name()
    tokens.expect(')')
    return { kind: 'entry', of }
  }
  return name.startsWith('pte_') ? { kind: 'entry', of: name.slice(4) } : { kind: 'data', of: name }
}

/** `0:X1`, `P0:W1`, `x`, `[x]`, `pte_x`, `[PTE(x)]`. */
export function parsePlace(tokens: Tokens): Place {
  if (tokens.accept('[')) {
    const location = parseLocation(tokens)
    tokens.expect(']')
    return location
  }
  const thread = /^P?([0-9]+)$/.exec(tokens.peek())
  if (!thread || tokens.peek(1) !== ':') return parseLocation(tokens)
  tokens.next()
  tokens.next()
  const name = tokens.name()
  if (!/^[XWxw][0-9]+$/.test(name)) throw tokens.error(`not a register: ${name}`)
  return { kind: 'register', thread: Number(thread[1]), register: Number(name.slice(1)) }
}

/** A number, an address, `(oa:phy_x, valid:0)` or `label:"P1:L0"`. */
export function parseValue(tokens: Tokens): Value {
  if (tokens.accept('(')) return { kind: 'pte', fields: parseFields(tokens) }
  if (tokens.accept('label')) return parseLabel(tokens)
  const minus = tokens.accept('-')
  if (tokens.kind() === 'number') {
    const value = Number(tokens.next())
    return { kind: 'number', value: minus ? -value : value }
  }
  tokens.accept('&')
  const { kind, of } = parseLocation(tokens)
  return { kind: kind === 'data' ? 'address' : 'entry', of }
}

function parseLabel(tokens: Tokens): Value {
  tokens.expect(':')
  const thread = Number(/^P([0-9]+)$/.exec(tokens.name())?.[1])
  tokens.expect(':')
  return { kind: 'label', thread, label: tokens.name() }
}

const FLAGS = ['valid', 'af', 'db', 'dbm']

/** What follows the opening parenthesis. */
function parseFields(tokens: Tokens): PteFields {
  const fields: Record<string, number | string> = {}
  while (!tokens.accept(')')) {
    const name = tokens.name()
    tokens.expect(':')
    if (name === 'oa') fields.oa = parsePhysical(tokens)
    else if (FLAGS.includes(name)) fields[name] = Number(tokens.next())
    else throw tokens.error(`unknown field ${name}`)
    tokens.accept(',')
  }
  return fields
}

/** `phy_x` or `PA(x)` */
function parsePhysical(tokens: Tokens): string {
  const name = tokens.name()
  if (name === 'PA') {
    tokens.expect('(')
    const of = tokens.name()
    tokens.expect(')')
    return of
  }
  if (!name.startsWith('phy_')) throw tokens.error(`not a physical address: ${name}`)
  return name.slice(4)
}
