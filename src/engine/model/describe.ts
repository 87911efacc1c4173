import type { Cell, Memory } from './memory.js'
import type { Step } from './step.js'

/** The text of a step for tables: its label, or what it does to which cell. */
export function describeStep(step: Step<unknown>, memory: Memory): string {
  const { label } = step.options
  if (label !== undefined) return label
  const [cell, a, b] = (step.operands ?? []) as [Cell, number, number]
  const name = memory.names[cell] ?? `cell ${String(cell)}`
  const value = (v: number): string => memory.format(cell, v)
  switch (step.kind) {
    case 'load':
      return `read ${name}`
    case 'store':
      return `${name} = ${value(a)}`
    case 'xchg':
      return `xchg(${name}, ${value(a)})`
    case 'cmpxchg':
      return `cmpxchg(${name}, ${value(a)}, ${value(b)})`
    case 'fetchAdd':
      return a < 0 ? `${name} -= ${-a}` : `${name} += ${a}`
    case 'addUnlessZero':
      return `${name} += ${a} unless 0`
    case 'setBits':
      return `${name} |= ${value(a)}`
    case 'clearBits':
      return `${name} &= ~${value(a)}`
    case 'acquire':
      return `${name}: ${value(a)} -> ${value(b)}`
    case 'choose':
      return `choose(${cell})`
    case 'fence':
      return 'smp_mb()'
    default:
      return step.kind
  }
}
