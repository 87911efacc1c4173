import { UserError } from '../engine/errors.js'
import { meetings, sharedCells } from './interest.js'
import type { Trace } from './trace.js'

/** Of one lane: what can be read is enumerated. */
const MOST_READS = 6

interface Access {
  readonly lane: number
  readonly cell: string
  readonly read: string | undefined
  readonly written: string | undefined
}

/**
 * A run as a litmus test of the kernel's memory model: what its lanes read and write where they meet, and the values read and
 * left as the condition. Locks are left out and accesses are relaxed: the test asks whether the values can come about, not what would forbid
 * them (`mmrace litmus --from` makes tests with the kernel's own barriers). Throws a UserError for runs with too many reads.
 */
export function litmusOfRun(trace: Trace, name: string): string {
  const shared = sharedCells(trace)
  const told = toldSteps(trace)
  const accesses = trace.steps.flatMap(({ lane, reads, writes }, i) => {
    if (!told.has(i)) return []
    const cells = new Map<string, Access>()
    for (const { cell, value, ghost, interest } of reads) if (shared.has(cell) && !ghost && interest !== 'quiet') cells.set(cell, { lane, cell, read: value, written: undefined })
    for (const { cell, value, ghost, interest } of writes) if (shared.has(cell) && !ghost && interest !== 'quiet') cells.set(cell, { lane, cell, read: cells.get(cell)?.read, written: value })
    return [...cells.values()]
  }).filter(({ cell }, _, all) => all.some((access) => access.cell === cell && access.written !== undefined))
  if (accesses.length === 0) throw new UserError('no-meeting', 'the lanes of the run meet at no cell: there is nothing to ask of the memory model', 'take another form')
  const reads = trace.lanes.map((_, lane) => accesses.filter((access) => access.lane === lane && access.read !== undefined).length)
  if (Math.max(...reads) > MOST_READS) {
    throw new UserError('long-run', `a lane of the run has ${Math.max(...reads)} reads that matter: too many for a litmus test`, `up to ${MOST_READS} can be enumerated; mmrace litmus --from RACE makes small tests, of critical cycles`)
  }
  const values = valuesOf(trace, accesses)
  const names = [...values.keys()]
  const lastly = names.map((cell) => `${variableOf(cell)}=${values.get(cell)!.indexOf(accesses.findLast((access) => access.cell === cell && access.written !== undefined)!.written!)}`)
  const conditions: string[] = []
  const bodies = trace.lanes.map((_, lane) => {
    let registers = 0
    const lines = accesses.filter((access) => access.lane === lane).map(({ cell, read, written }) => {
      const [variable, of] = [variableOf(cell), values.get(cell)!]
      if (read === undefined) return `WRITE_ONCE(*${variable}, ${of.indexOf(written!)});`
      const register = `r${registers++}`
      conditions.push(`${lane}:${register}=${of.indexOf(read)}`)
      return `int ${register} = ${written === undefined ? `READ_ONCE(*${variable})` : `xchg_relaxed(${variable}, ${of.indexOf(written)})`};`
    })
    return `P${lane}(${names.map((cell) => `int *${variableOf(cell)}`).join(', ')})\n{\n${lines.map((line) => `\t${line}\n`).join('')}}`
  })
  return [
    `C ${name}`, '', '(*', ...trace.lanes.map((lane, i) => ` * P${i}: ${lane}`),
    ...names.map((cell) => ` * ${variableOf(cell)}: ${values.get(cell)!.map((value, i) => `${i} = ${value}`).join(', ')}`), ' *)', '',
    '{}', '', bodies.join('\n\n'), '', `exists (${[...conditions, ...lastly].join(' /\\ ')})`,
  ].join('\n')
}

/** Where the lanes meet, and who wrote what is read there. */
function toldSteps(trace: Trace): Set<number> {
  const rows = meetings(trace).flat()
  const writer = (cell: string, before: number): number => trace.steps.findLastIndex(({ writes }, i) => i < before && writes.some((write) => write.cell === cell))
  return new Set(rows.flatMap((step) => [step, ...trace.steps[step]!.reads.map(({ cell }) => writer(cell, step))]))
}

/** What each cell holds in the run, by name, first what it begins with. */
function valuesOf({ steps }: Trace, accesses: readonly Access[]): Map<string, string[]> {
  const values = new Map<string, string[]>()
  for (const { cell } of accesses) {
    if (values.has(cell)) continue
    const seen = steps.flatMap(({ reads, writes }) => [...reads.filter((read) => read.cell === cell).map(({ value }) => value), ...writes.filter((write) => write.cell === cell).flatMap(({ before, value }) => [before, value])])
    values.set(cell, [...new Set(seen)])
  }
  return values
}

const variableOf = (cell: string): string => cell.replaceAll(/\W+/g, '_').replace(/_$/, '')
