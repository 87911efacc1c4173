import type { Comparison, Difference } from './compare.js'
import { type Count, Tally } from './tally.js'

/** A kind of first divergence: how often, and the first program that shows it. */
interface Kind {
  count: number
  readonly first: Comparison
}

/** Differences of an example that are shown. */
const SHOWN = 6
const WIDTH = 80

/** Agreement of the model with recordings, counted per operation and per observed field. */
export class Report {
  readonly tally = new Tally()
  private readonly kinds = new Map<string, Kind>()
  /** Programs in which everything agreed. */
  agreeing = 0
  programs = 0
  private uncompared = 0

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

  /** The report, a line each, of at most 80 columns. */
  lines(): string[] {
    const uncompared = this.uncompared ? [`${this.uncompared} operations come after a first difference and were not compared`] : []
    const kinds = [...this.kinds].toSorted(([, a], [, b]) => b.count - a.count)
    return [
      `${this.agreeing} of ${this.programs} programs agree in every operation and every field`,
      ...uncompared,
      '', ...beside(table('operation', this.tally.operations), table('field', this.tally.fields)),
      ...kinds.flatMap(([kind, { count, first }]) => ['', ...example(kind, count, first)]),
    ]
  }
}

const table = (title: string, counts: ReadonlyMap<string, Count>): string[] => [
  row(title, 'agree', 'differ'),
  ...[...counts].toSorted(([a], [b]) => a.localeCompare(b, 'en')).map(([name, { agree, differ }]) => row(name, agree, differ)),
]

const row = (name: string, agree: number | string, differ: number | string): string =>
  `${name.padEnd(18)}${String(agree).padStart(10)}${String(differ).padStart(8)}`

const beside = (left: readonly string[], right: readonly string[]): string[] =>
  Array.from({ length: Math.max(left.length, right.length) }, (_, i) => `${(left[i] ?? '').padEnd(40)}${right[i] ?? ''}`.trimEnd())

/** The first divergence of a kind as a small diff: - the kernel, + the model. */
const example = (kind: string, times: number, { program, agreed, differences, failure }: Comparison): string[] => {
  const head = [
    `${kind}: ${times} ${times === 1 ? 'program' : 'programs'}, first ${program.id}`,
    ...wrapped(`  after ${agreed} operations: `, program.prog[agreed]!),
  ]
  if (failure !== undefined) return [...head, ...wrapped('  ', failure)]
  const more = differences.length > SHOWN ? [`  and ${differences.length - SHOWN} more`] : []
  return [...head, '  --- the kernel', '  +++ the model', ...differences.slice(0, SHOWN).flatMap(diff), ...more]
}

const diff = ({ where, field, real, model }: Difference): string[] =>
  [`  @@ ${where} ${field}`, ...wrapped('  -', real), ...wrapped('  +', model)]

/** Lines of at most 80 columns, broken at spaces where there are any. */
const wrapped = (start: string, text: string): string[] => {
  const room = WIDTH - start.length
  const lines: string[] = []
  let rest = text
  while (rest.length > room) {
    const space = rest.lastIndexOf(' ', room)
    const end = space > 0 ? space : room
    lines.push(start + rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return [...lines, start + rest]
}
