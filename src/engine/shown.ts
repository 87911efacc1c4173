const LONGEST = 60

/** A value as a message shows it: on one line, without control characters, not too long. */
export function shown(value: unknown): string {
  const text = textOf(value)
  return escaped(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return `a function${value.name === '' ? '' : ` ${value.name}()`}`
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'bigint' ? `${value}n` : String(value)
}

/** Control characters written out: they would move the cursor or change colours of whoever's terminal shows them. */
export const escaped = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (sign) => `\\u${sign.codePointAt(0)!.toString(16).padStart(4, '0')}`)

/** A text of several lines, as a terminal may get it. */
export const onTerminal = (text: string): string => text.split('\n').map((line) => line.split('\t').map(escaped).join('\t')).join('\n')
