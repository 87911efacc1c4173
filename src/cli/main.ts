import { Command, CommanderError } from 'commander'
import { coloured } from './coloured.js'
import { examplesOf } from './examples.js'
import { Exit, failureOf } from './exit-codes.js'
import { guardedMain } from './guarded.js'
import { hasColours } from './has-colours.js'
import { isFile } from './is-file.js'
import { onSignals } from './signals.js'
import { CellFailure } from './matrix/search-cells.js'
import { onTerminal } from '../engine/shown.js'
import type { Print } from './print.js'
import { tellsUsageErrors } from './usage-error.js'
import { version } from './version.js'

const INTRO = `An executable model of Linux memory management, and a checker of its races.
Exit status: 0 holds exhaustively, 1 violated, 2 wrong use, 3 nothing found but
not everything searched, 4 the model failed, 5 nothing was looked at (vacuous),
70 fault in mmrace, 130 interrupted.`

type Add = (program: Command, print: Print, signal: AbortSignal) => void

/** A command's own modules are loaded when it is run: most of what there is, no single command needs. */
const COMMANDS = {
  list: async (): Promise<Add> => (await import('./commands/list.js')).addList,
  check: async (): Promise<Add> => (await import('./commands/check.js')).addCheck,
  matrix: async (): Promise<Add> => (await import('./commands/matrix.js')).addMatrix,
  hunt: async (): Promise<Add> => (await import('./commands/hunt.js')).addHunt,
  merge: async (): Promise<Add> => (await import('./commands/merge.js')).addMerge,
  work: async (): Promise<Add> => (await import('./commands/work.js')).addWork,
  attach: async (): Promise<Add> => (await import('./commands/attach.js')).addAttach,
  history: async (): Promise<Add> => (await import('./commands/history.js')).addHistory,
  replay: async (): Promise<Add> => (await import('./commands/replay.js')).addReplay,
  explain: async (): Promise<Add> => (await import('./commands/explain.js')).addExplain,
  init: async (): Promise<Add> => (await import('./commands/init.js')).addInit,
  litmus: async (): Promise<Add> => (await import('./commands/litmus.js')).addLitmus,
  vmsa: async (): Promise<Add> => (await import('./commands/vmsa.js')).addVmsa,
  fidelity: async (): Promise<Add> => (await import('./commands/fidelity.js')).addFidelity,
  ui: async (): Promise<Add> => (await import('./commands/ui.js')).addUi,
  gallery: async (): Promise<Add> => (await import('./commands/gallery.js')).addGallery,
  complete: async (): Promise<Add> => (await import('./commands/complete.js')).addComplete,
}

type Name = keyof typeof COMMANDS

/** In which order and under which heading the help has them. */
const GROUPS: Readonly<Record<string, readonly Name[]>> = {
  'Ask:': ['check', 'matrix', 'merge', 'history', 'hunt'],
  'On many machines:': ['work', 'attach'],
  'Look:': ['list', 'explain', 'replay', 'ui', 'gallery'],
  'Weak memory and hardware:': ['litmus', 'vmsa'],
  'Compare with a real kernel:': ['fidelity'],
  'Your own:': ['init', 'complete'],
}

const EXAMPLES = `
Examples:
  $ mmrace check gup-fast-vs-thp-collapse --bug
      the interleaving of a race whose fix is taken out
  $ mmrace matrix gup-fast-vs-thp-collapse --kernels all
      with and without its fix, on every architecture and kernel`

/** Needs no command. */
const VERSION: ReadonlySet<string> = new Set(['--version', '-V'])

/** Whether a command is needed for a command line that begins with this. Completion tells of all. */
const isWanted = (first: string, command: Name): boolean =>
  !VERSION.has(first) && (first === command || first === 'complete' || !Object.hasOwn(COMMANDS, first))

/** Runs the command line. Returns the exit status. Files of the user's are run under watch. */
export async function main(args: readonly string[], print: Print = printLine): Promise<number> {
  if (args.some(isFile)) return guardedMain(args)
  const interrupt = new AbortController()
  const stop = onSignals(() => interrupt.abort())
  try {
    return await run(args, print, interrupt.signal, hasColours())
  } finally {
    stop()
  }
}

const printLine: Print = (text) => void process.stdout.write(`${text}\n`)

/** Runs the command line in this thread. Everything thrown becomes a message on standard error and a status. */
export async function run(args: readonly string[], print: Print, signal: AbortSignal, colours: boolean): Promise<number> {
  const program = new Command('mmrace').description(INTRO).version(version()).exitOverride().addHelpText('after', EXAMPLES)
  const [name = ''] = args
  const shownText: Print = (text) => print(colours ? coloured(onTerminal(text)) : onTerminal(text))
  for (const [heading, names] of Object.entries(GROUPS)) {
    program.commandsGroup(heading)
    for (const each of names) if (isWanted(name, each)) (await COMMANDS[each]())(program, shownText, signal)
  }
  tellsUsageErrors(program, 'mmrace')
  for (const command of program.commands) {
    tellsUsageErrors(command.exitOverride(), `mmrace ${command.name()}`)
    command.addHelpText('after', examplesOf(command.name()))
  }
  try {
    process.exitCode = 0
    await program.parseAsync([...args], { from: 'user' })
    return process.exitCode ?? 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : Exit.usage
    if (error instanceof CellFailure) return error.code // it has been told where the place is known
    const { code, text } = failureOf(error)
    process.stderr.write(`${onTerminal(text)}\n`)
    return code
  }
}
