import type { Comparison } from './compare.js'

interface Count {
  agree: number
  differ: number
}

/** A kind of first divergence: how often, and the first program that shows it. */
interface Kind {
  count: number
  readonly first: Comparison
}

/** Differences of an example that are shown. */
const SHOWN = 6

/** Agreement of the model with recordings, counted per operation and per observed field. */
export class Report {
  readonly operations = new Map<string, Count>()
  readonly fields = new Map<string, Count>()
  private readonly kinds = new Map<string, Kind>()
  /** Programs in which everything agreed. */
  agreeing = 0
  private programs = 0
  private uncompared = 0

  readonly operation = (name: string, agrees: boolean): void => count(this.operations, name, agrees)
  readonly value = (field: string, agrees: boolean): void => count(this.fields, field, agrees)

  /** Takes in how one program went. */
  add(comparison: Comparison): void {
    const { program, agreed, differences, failure } = comparison
    this.programs++
    if (agreed === program.prog.length) {
      this.agreeing++
      return
    }
    this.uncompared += program.prog.length - agreed - 1
    const name = program.prog[agreed]!.split(' ')[0]!
    const kind = `${name}: ${failure === undefined ? differences[0]!.field : 'the model gave up'}`
    const known = this.kinds.get(kind)
    if (known) known.count++
    else this.kinds.set(kind, { count: 1, first: comparison })
  }

  /** Every operation of every program agreed in every field. */
  get agrees(): boolean {
    return this.agreeing === this.programs
  }

  /** The report, a line each. */
  lines(): string[] {
    const uncompared = this.uncompared ? [`${this.uncompared} operations come after a first difference and were not compared`] : []
    return [
      `${this.agreeing} of ${this.programs} programs agree in every operation and every field`,
      ...uncompared,
      '', 'operation         agree   differ', ...rows(this.operations),
      '', 'field             agree   differ', ...rows(this.fields),
      ...[...this.kinds].toSorted(([, a], [, b]) => b.count - a.count).flatMap(([kind, { count, first }]) => ['', ...example(kind, count, first)]),
    ]
  }
}

const count = (counts: Map<string, Count>, name: string, agrees: boolean): void => {
  const entry = counts.get(name) ?? { agree: 0, differ: 0 }
  counts.set(name, entry)
  if (agrees) entry.agree++
  else entry.differ++
}

const rows = (counts: ReadonlyMap<string, Count>): string[] =>
  [...counts].toSorted(([a], [b]) => a.localeCompare(b, 'en')).map(([name, { agree, differ }]) =>
    `${name.padEnd(16)}${String(agree).padStart(7)}${String(differ).padStart(9)}`)

/** The first divergence of a kind as a small diff: - the kernel, + the model. */
const example = (kind: string, times: number, { program, agreed, differences, failure }: Comparison): string[] => {
  const head = [`${kind}: ${times} ${times === 1 ? 'program' : 'programs'}, first ${program.id}`, `  ${agreed}: ${program.prog[agreed]}`]
  if (failure !== undefined) return [...head, `  ${failure}`]
  const shown = differences.slice(0, SHOWN).flatMap(({ where, field, real, model }) =>
    [`  @ ${where} ${field}`, `  - ${real}`, `  + ${model}`])
  const more = differences.length > SHOWN ? [`  and ${differences.length - SHOWN} more`] : []
  return [...head, ...shown, ...more]
}
