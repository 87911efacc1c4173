import { LitmusError } from '../litmus-error.js'
import { armBits, changeBits, isEntryWord } from './entry-word.js'

const ON_ENTRIES = { ORR: 'set', EOR: 'xor' } as const

/** Integer instructions on 64-bit values, of which those that occur fit a double; bits of entries are those of Arm. */
export function compute(name: string, a: number, b: number): number {
  if (isEntryWord(a) && !isEntryWord(b) && (name === 'ORR' || name === 'EOR')) return changeBits(a, b, ON_ENTRIES[name])
  if (isEntryWord(a) && !isEntryWord(b) && name === 'AND') return compute(name, armBits(a), b)
  const [x, y] = [BigInt(a), BigInt(b)]
  switch (setsFlags(name) ? name.slice(0, -1) : name) {
    case 'ADD':
      return Number(x + y)
    case 'SUB':
      return Number(x - y)
    case 'AND':
      return Number(x & y)
    case 'ORR':
      return Number(x | y)
    case 'EOR':
      return Number(x ^ y)
    case 'LSL':
      return Number(x << y)
    case 'LSR':
      return Number(x >> y)
    default:
      throw new LitmusError(`unknown instruction: ${name}`)
  }
}

/** `ADDS` and its like. */
export const setsFlags = (name: string): boolean => name.endsWith('S')

/** EQ, NE and AL, by the flag Z. */
export function conditionHolds(cond: string, equal: boolean): boolean {
  if (cond === 'EQ') return equal
  if (cond === 'NE') return !equal
  if (cond === 'AL') return true
  throw new LitmusError(`unknown condition: ${cond}`)
}
