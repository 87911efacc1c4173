import { createHash } from 'node:crypto'

/** A result as it goes through the queue: as it is, or how to put it together from pieces. */
export type Packed = { readonly text: string } | { readonly pieces: number; readonly sha256: string }

/** Characters of a result that goes as it is. */
export const MOST = 256 * 1024

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** `put` keeps a piece under its number. */
export async function pack(text: string, put: (number: number, piece: string) => Promise<unknown>, most = MOST): Promise<Packed> {
  if (text.length <= most) return { text }
  const pieces = Math.ceil(text.length / most)
  for (let i = 0; i < pieces; i++) await put(i, text.slice(i * most, (i + 1) * most))
  return { pieces, sha256: hashOf(text) }
}

/** The result; undefined when a piece is not there, or not what it was. */
export async function unpack(packed: Packed, get: (number: number) => Promise<string | null>): Promise<string | undefined> {
  if ('text' in packed) return packed.text
  const parts: string[] = []
  for (let i = 0; i < packed.pieces; i++) parts.push((await get(i)) ?? '')
  const text = parts.join('')
  return hashOf(text) === packed.sha256 ? text : undefined
}
