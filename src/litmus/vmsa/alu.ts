import { LitmusError } from '../litmus-error.js'
import { armBits, changeBits, isEntryWord } from './entry-word.js'

const ON_ENTRIES: Readonly<Record<string, 'set' | 'clear' | 'xor'>> = { ORR: 'set', BIC: 'clear', EOR: 'xor' }

/** Integer instructions on 64-bit values, of which those that occur fit a double; bits of entries are those of Arm. */
export function compute(name: string, a: number, b: number): number {
  const operation = setsFlags(name) ? name.slice(0, -1) : name
  if (isEntryWord(a) && !isEntryWord(b)) {
    const change = ON_ENTRIES[operation]
    if (change) return changeBits(a, b, change)
    if (operation === 'AND') return compute(name, armBits(a), b)
  }
  const [x, y] = [BigInt(a), BigInt(b)]
  switch (operation) {
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
    case 'BIC':
      return Number(x & ~y)
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
