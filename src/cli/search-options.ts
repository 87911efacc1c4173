import { type Command, Option } from 'commander'
import { UserError } from '../engine/errors.js'
import { type ExploreOptions, STRATEGIES, type Strategy } from '../engine/search/explore.js'

/** The options of a search as commander hands them over. */
export interface SearchFlags {
  strategy?: Strategy
  maxStates?: string
  maxDepth?: string
  maxSeconds?: string
  maxMemory?: string
  seed?: string
  runs?: string
  changes?: string
  reduce: boolean
  persistent: boolean
  sleep: boolean
  symmetry: boolean
  exact?: boolean
  fair?: boolean
  workers?: string
  allowIncomplete?: boolean
}

/** Each option of a search: its flags, its text, and where it goes. Help and parsing come from here. */
const OPTIONS: readonly (readonly [flags: string, text: string])[] = [
  ['--max-states <n>', 'stop after this many distinct states'],
  ['--max-depth <n>', 'cut runs at this many steps'],
  ['--max-seconds <n>', 'stop after this many seconds'],
  ['--max-memory <bytes>', 'stop at this much memory: 500M, 2G (default 3G)'],
  ['--seed <n>', 'random, pct: where the random numbers start'],
  ['--runs <n>', 'random, pct: how many runs (default 1000)'],
  ['--changes <n>', 'pct: priority changes per run (default 2)'],
  ['--no-reduce', 'look at all interleavings, equivalent ones too'],
  ['--no-persistent', 'leave out one reduction: persistent sets'],
  ['--no-sleep', 'leave out one reduction: sleep sets'],
  ['--no-symmetry', 'leave out one reduction: interchangeable threads'],
  ['--exact', 'keep states in full beside their fingerprints'],
  ['--fair', 'threads that keep each other going for ever, however fairly they take turns, are a violation, not a note'],
  ['--workers <n>', 'search with this many threads (default 1)'],
  ['--allow-incomplete', 'exit with 0 when nothing was found but not everything searched'],
]

export function addSearchOptions(command: Command): Command {
  command.addOption(new Option('--strategy <name>', 'how to search; without it: a complete search, then the clearest run').choices(STRATEGIES))
  for (const [flags, text] of OPTIONS) command.option(flags, text)
  return command
}

/** Checks the options of a search. Throws a UserError for what makes no sense. */
export function exploreOptions(flags: SearchFlags, signal: AbortSignal): ExploreOptions {
  const numbers = {
    states: numberOf('--max-states', flags.maxStates),
    depth: numberOf('--max-depth', flags.maxDepth),
    seconds: numberOf('--max-seconds', flags.maxSeconds),
    bytes: numberOf('--max-memory', flags.maxMemory),
    seed: numberOf('--seed', flags.seed, 0),
    runs: numberOf('--runs', flags.runs),
    changes: numberOf('--changes', flags.changes, 0),
  }
  const given = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined))
  return {
    ...given, signal,
    ...(flags.strategy && { strategy: flags.strategy }),
    ...reductionsOf(flags),
    ...(flags.exact && { exact: true }),
    ...(flags.fair && { fair: true }),
  }
}

function reductionsOf({ reduce, persistent, sleep, symmetry }: SearchFlags): Pick<ExploreOptions, 'reduce'> {
  if (!reduce) return { reduce: false }
  return persistent && sleep && symmetry ? {} : { reduce: { persistent, sleep, symmetry } }
}

/** The options, as one would give them, that a search which goes on from another has to share with it. */
export function searchWords({ reduce, persistent, sleep, symmetry, exact, fair, maxDepth }: SearchFlags): string[] {
  const off = reduce ? Object.entries({ persistent, sleep, symmetry }).filter(([, on]) => !on).map(([name]) => `--no-${name}`) : ['--no-reduce']
  return [...off, ...(exact ? ['--exact'] : []), ...(fair ? ['--fair'] : []), ...(maxDepth === undefined ? [] : ['--max-depth', maxDepth])]
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }

/** A positive number, or one from 0 when `least` is 0; with a unit k, M or G if one likes. */
export function numberOf(option: string, text: string | undefined, least = 1): number | undefined {
  if (text === undefined) return undefined
  const match = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(text)
  const value = match ? Number(match[1]) * UNITS[match[2]!.toLowerCase()]! : Number.NaN
  if (!(value >= least) && !(value > 0)) throw new UserError('bad-number', `${option} ${text} is not a usable number`, `give a number such as 1000, 500k or 2M`)
  return value
}
