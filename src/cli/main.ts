import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { addCheck } from './commands/check.js'
import { addExplain } from './commands/explain.js'
import { addFidelity } from './commands/fidelity.js'
import { addGallery } from './commands/gallery.js'
import { addInit } from './commands/init.js'
import { addList } from './commands/list.js'
import { addLitmus } from './commands/litmus.js'
import { addMatrix } from './commands/matrix.js'
import { addReplay } from './commands/replay.js'
import { addUi } from './commands/ui.js'
import { addVmsa } from './commands/vmsa.js'
import { Exit, failureOf } from './exit-codes.js'
import { guardedMain } from './guarded.js'
import type { Print } from './print.js'
import { CellFailure } from './matrix-cells.js'
import { isFile } from './races.js'

const manifest = (): { version: string } => JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }

const INTRO = `An executable model of Linux memory management, and a checker of its races.
Exit status: 0 holds exhaustively, 1 violated, 2 wrong use, 3 nothing found but
not everything searched, 4 the model failed, 70 fault in mmrace, 130 interrupted.`

/** Runs the command line. Returns the exit status. Files of the user's are run under watch. */
export async function main(args: readonly string[], print: Print = printLine): Promise<number> {
  if (args.some(isFile)) return guardedMain(args)
  const interrupt = new AbortController()
  const onSignal = (): void => interrupt.abort()
  process.once('SIGINT', onSignal)
  try {
    return await run(args, print, interrupt.signal)
  } finally {
    process.off('SIGINT', onSignal)
  }
}

const printLine: Print = (text) => void process.stdout.write(`${text}\n`)

/** Runs the command line in this thread. Everything thrown becomes a message on standard error and a status. */
export async function run(args: readonly string[], print: Print, signal: AbortSignal): Promise<number> {
  const program = new Command('mmrace').description(INTRO).version(manifest().version).exitOverride().showHelpAfterError()
  addList(program, print)
  addCheck(program, print, signal)
  addMatrix(program, print, signal)
  addReplay(program, print)
  addExplain(program, print)
  addInit(program, print)
  addLitmus(program, print)
  addVmsa(program, print)
  addFidelity(program, print)
  addUi(program, print, signal)
  addGallery(program, print, signal)
  for (const command of program.commands) command.exitOverride().showHelpAfterError()
  try {
    process.exitCode = 0
    await program.parseAsync([...args], { from: 'user' })
    return process.exitCode ?? 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : Exit.usage
    if (error instanceof CellFailure) return error.code // it has been told where the place is known
    const { code, text } = failureOf(error)
    process.stderr.write(`${text}\n`)
    return code
  }
}
