import { LitmusError } from '../litmus-error.js'

export interface Token {
  readonly text: string
  readonly kind: 'name' | 'number' | 'sign'
  readonly start: number
  readonly end: number
  readonly line: number
}

const BLANK = /(?:[ \t\r\f]+|\/\/[^\n]*)+/y
const WORD =
  /([A-Za-z_][A-Za-z_0-9]*)|(0[xX][0-9a-fA-F]+|[0-9]+)[uUlL]*|(\/\\|\\\/|=>|&&|\|\||==|!=|<=|>=|<<|>>|[-+*/%&|^~!<>=?:;,.(){}[\]])/y

/**
 * Splits a litmus file. Between braces of a thread the text is C and `(*` opens an expression; elsewhere it is
 * litmus, where `(*` opens a comment that may nest (herd7, lexers of litmus and C).
 */
export class Tokens {
  private readonly list: Token[] = []
  private at = 0

  constructor(readonly source: string, start: number) {
    let line = 1
    for (let i = 0; i < start; i++) if (source.charCodeAt(i) === 10) line++
    let depth = 0
    let groups = 0
    let p = start
    while (p < source.length) {
      if (source.charCodeAt(p) === 10) {
        line++
        p++
        continue
      }
      BLANK.lastIndex = p
      if (BLANK.test(source)) {
        p = BLANK.lastIndex
        continue
      }
      const inCode = depth > 0 && groups > 0
      const comment = source.startsWith('/*', p) ? endOf(source, p, '/*', '*/')
        : !inCode && source.startsWith('(*', p) ? endOf(source, p, '(*', '*)') : 0
      if (comment) {
        for (; p < comment; p++) if (source.charCodeAt(p) === 10) line++
        continue
      }
      WORD.lastIndex = p
      const match = WORD.exec(source)
      if (!match) throw new LitmusError(`unexpected character ${JSON.stringify(source[p])}`, line)
      const text = match[2] ?? match[0]
      if (text === '{') depth++
      if (text === '}' && --depth === 0) groups++
      this.list.push({
        text, line, start: p, end: WORD.lastIndex,
        kind: match[1] !== undefined ? 'name' : match[2] !== undefined ? 'number' : 'sign',
      })
      p = WORD.lastIndex
    }
  }

  /** The text of the next token, or of one `ahead` of it; empty at the end. */
  peek(ahead = 0): string {
    return this.list[this.at + ahead]?.text ?? ''
  }

  kind(ahead = 0): Token['kind'] | 'end' {
    return this.list[this.at + ahead]?.kind ?? 'end'
  }

  get done(): boolean {
    return this.at >= this.list.length
  }

  get line(): number {
    return (this.list[this.at] ?? this.list[this.list.length - 1])?.line ?? 1
  }

  next(): string {
    const token = this.list[this.at++]
    if (!token) throw new LitmusError('unexpected end of file', this.line)
    return token.text
  }

  accept(text: string): boolean {
    if (this.peek() !== text) return false
    this.at++
    return true
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.error(`expected ${text}`)
  }

  name(): string {
    if (this.kind() !== 'name') throw this.error('expected a name')
    return this.next()
  }

  error(message: string): LitmusError {
    return new LitmusError(`${message}, found ${this.done ? 'the end' : this.peek()}`, this.line)
  }

  /** A place to come back to, and to take source text from. */
  mark(): number {
    return this.at
  }

  /** The tokens since `mark`, with a blank where the file has any. */
  textSince(mark: number): string {
    let text = ''
    for (let i = mark; i < this.at; i++) {
      const token = this.list[i]!
      if (i > mark && token.start > this.list[i - 1]!.end) text += ' '
      text += token.text
    }
    return text
  }
}

/** Where the initial state opens: comments, a quoted description and `Key=value` lines before it are passed over. */
export function endOfPreamble(source: string, start: number): number {
  let p = start
  while (p < source.length && source[p] !== '{') {
    if (source.startsWith('(*', p)) p = endOf(source, p, '(*', '*)')
    else if (source[p] === '"') p = source.indexOf('"', p + 1) + 1 || source.length
    else p++
  }
  return p
}

/** Where the comment that opens at `p` ends. Comments of the same kind nest. */
function endOf(source: string, p: number, open: string, close: string): number {
  let depth = 0
  for (let i = p; i < source.length - 1; i++) {
    if (source.startsWith(open, i)) {
      depth++
      i++
    } else if (source.startsWith(close, i)) {
      i++
      if (--depth === 0 || open === '/*') return i + 1
    }
  }
  throw new LitmusError('comment does not end')
}
