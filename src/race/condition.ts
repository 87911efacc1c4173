import { UserError } from '../engine/errors.js'
import type { Access, Cell, Memory } from '../engine/model/memory.js'

/** Whether a state is as somebody asked for. */
export type Condition = (m: Pick<Access, 'get'>) => boolean

const TOKEN = /\s*(&&|\|\||==|!=|<=|>=|[!<>~()]|"[^"]*"|[^\s&|=!<>~()"]+)/y
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=', '~'])
const EXAMPLE = 'write it like  page2._refcount == 0 && mm0.pmd[0] ~ none'

const bad = (why: string, hint = EXAMPLE): UserError => new UserError('bad-condition', why, hint)

/**
 * Reads a condition on the state: comparisons of cells with values, joined by `&&`, `||`, `!` and brackets. A value is a
 * number, or a text as tables show it; `~` asks whether the text is in there. Throws a UserError.
 */
export function parseCondition(text: string, memory: Memory): Condition {
  const tokens = tokensOf(text)
  let at = 0
  const condition = either()
  if (at < tokens.length) throw bad(`"${tokens[at]}" is not expected there`)
  return condition

  function taken(token: string): boolean {
    if (tokens[at] !== token) return false
    at++
    return true
  }

  function either(): Condition {
    const left = both()
    if (!taken('||')) return left
    const right = either()
    return (m) => left(m) || right(m)
  }

  function both(): Condition {
    const left = negated()
    if (!taken('&&')) return left
    const right = both()
    return (m) => left(m) && right(m)
  }

  function negated(): Condition {
    if (taken('!')) {
      const inner = negated()
      return (m) => !inner(m)
    }
    if (!taken('(')) return comparison()
    const inner = either()
    if (!taken(')')) throw bad('a bracket is not closed')
    return inner
  }

  function comparison(): Condition {
    const cell = cellNamed(tokens[at++], memory)
    const operator = tokens[at] ?? ''
    if (!COMPARISONS.has(operator)) return (m) => m.get(cell) !== 0
    at++
    const value = tokens[at++]
    if (value === undefined) throw bad(`there is no value after ${operator}`)
    return compared(cell, operator, value.replace(/^"(.*)"$/, '$1'), memory)
  }
}

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  const end = text.trimEnd().length
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (!match) throw bad(`"${text.slice(from).trim()}" cannot be read`)
    tokens.push(match[1]!)
  }
  if (tokens.length === 0) throw bad('there is no condition')
  return tokens
}

function cellNamed(name: string | undefined, { names }: Memory): Cell {
  if (name === undefined) throw bad('a cell is missing at the end')
  const cell = names.indexOf(name)
  if (cell >= 0) return cell as Cell
  const near = names.filter((known) => known.includes(name.replace(/\[.*|.*\./, ''))).slice(0, 6)
  throw bad(`there is no cell "${name}"`, near.length > 0 ? `did you mean ${near.join(', ')}?` : 'the raw state lists the cells')
}

function compared(cell: Cell, operator: string, value: string, memory: Memory): Condition {
  const shown = (m: Pick<Access, 'get'>): string => memory.format(cell, m.get(cell))
  const number = Number(value)
  const isNumber = value !== '' && Number.isInteger(number)
  switch (operator) {
    case '~':
      return (m) => shown(m).includes(value)
    case '==':
      return isNumber ? (m) => m.get(cell) === number : (m) => shown(m) === value
    case '!=':
      return isNumber ? (m) => m.get(cell) !== number : (m) => shown(m) !== value
  }
  if (!isNumber) throw bad(`"${value}" is no number, and ${operator} compares numbers`)
  switch (operator) {
    case '<':
      return (m) => m.get(cell) < number
    case '<=':
      return (m) => m.get(cell) <= number
    case '>':
      return (m) => m.get(cell) > number
    default:
      return (m) => m.get(cell) >= number
  }
}
