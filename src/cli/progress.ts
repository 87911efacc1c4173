import type { Progress } from '../engine/search/result.js'
import type { HuntProgress } from '../hunt/hunt.js'
import { count, percent } from '../trace/verdict.js'

const ON_TERMINAL = 250
const ELSEWHERE = 10_000
const CLEAR = '\r\x1b[K'

/** One line on standard error that says how far a search is: four times a second, or each 10 s when nobody looks. */
export class ProgressLine {
  private readonly start = performance.now()
  private last = performance.now()
  private lastStates = 0
  private lastQueue = 0
  private shown = false
  private readonly tty = process.stderr.isTTY

  constructor(private readonly what = '', private readonly quiet = false) {}

  update(progress: Progress): void {
    const now = performance.now()
    const since = now - this.last
    if (this.quiet || since < (this.tty ? ON_TERMINAL : ELSEWHERE)) return
    const rate = ((progress.states - this.lastStates) / since) * 1000
    this.write([
      this.what,
      progress.share === undefined ? '' : `~${percent(progress.share)} done`,
      `depth ${progress.depth}`,
      `${short(progress.states)} states (${short(Math.max(rate, 0))}/s)`,
      progress.queue === undefined ? '' : `queue ${short(progress.queue)} ${progress.queue < this.lastQueue ? 'falling' : 'growing'}`,
      clock(now - this.start),
      `mem ${short(progress.bytes)}`,
    ])
    this.last = now
    this.lastStates = progress.states
    this.lastQueue = progress.queue ?? 0
  }

  /** Takes the line away. */
  done(): void {
    if (this.shown && this.tty) process.stderr.write(CLEAR)
    this.shown = false
  }

  private write(parts: readonly string[]): void {
    const line = parts.filter((part) => part !== '').join('  ')
    process.stderr.write(this.tty ? CLEAR + line.slice(0, (process.stderr.columns ?? 80) - 1) : `${line}\n`)
    this.shown = true
  }
}

/** One line that counts up to a known number, and says what was done last. */
export class CountLine {
  private last = performance.now()
  private shown = false
  private readonly tty = process.stderr.isTTY

  constructor(private readonly what: string, private readonly total: number) {}

  update(done: number, latest: string): void {
    const now = performance.now()
    if (now - this.last < (this.tty ? ON_TERMINAL : ELSEWHERE)) return
    this.last = now
    this.shown = true
    const line = `${done} of ${this.total} ${this.what}  ${latest}`
    process.stderr.write(this.tty ? CLEAR + line.slice(0, (process.stderr.columns ?? 80) - 1) : `${line}\n`)
  }

  /** Takes the line away. */
  done(): void {
    if (this.shown && this.tty) process.stderr.write(CLEAR)
  }
}

/** How far a hunt is, and how long it will still take. */
export class HuntLine {
  private readonly start = performance.now()
  private last = performance.now()
  private shown = false
  private readonly tty = process.stderr.isTTY

  constructor(private readonly budget: number) {}

  update({ level, done, of, groups, spent, latest, states }: HuntProgress): void {
    const now = performance.now()
    if (now - this.last < (this.tty ? ON_TERMINAL : ELSEWHERE)) return
    this.last = now
    this.shown = true
    const elapsed = now - this.start
    const left = elapsed * Math.min(this.budget / Math.max(spent, 0.01) - 1, of / Math.max(done, 1) - 1)
    const parts = [level, `${count(done)} of ${count(of)}`, `~${clock(Math.max(left, 0))} left`, `${groups} kinds`, latest || `${short(states)} states`]
    const line = parts.join('  ')
    process.stderr.write(this.tty ? CLEAR + line.slice(0, (process.stderr.columns ?? 80) - 1) : `${line}\n`)
  }

  /** Takes the line away. */
  done(): void {
    if (this.shown && this.tty) process.stderr.write(CLEAR)
  }
}

/** `1.24M`, `412k`. */
const short = (n: number): string => {
  for (const [size, unit] of [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']] as const) if (n >= size) return `${(n / size).toPrecision(3)}${unit}`
  return count(n)
}

/** `0:03`, minutes and seconds. */
const clock = (ms: number): string => {
  const seconds = Math.floor(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
