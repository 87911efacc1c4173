import type { Command } from 'commander'
import { UserError } from '../../engine/errors.js'
import { heartbeat } from '../../engine/heartbeat.js'
import { Loaded } from '../../engine/learn/loaded.js'
import { boot } from '../../race/boot.js'
import { checkRace } from '../../race/check.js'
import { fitSchedule } from '../../trace/fit-schedule.js'
import { conditionsOfTrace } from '../../trace/trace-file.js'
import { viewOfSchedule, viewWithOrders } from '../../ui/view/view-of.js'
import { type ConditionFlags, conditionsOf, KERNEL_HELP } from '../conditions.js'
import { drive } from '../drive.js'
import { emptyPage, pageOf, racePaged } from '../page-file.js'
import type { Print } from '../print.js'
import { CHANGE_HELP, ownChanges, several } from '../own-changes.js'
import { loadRace } from '../races.js'
import { raceOfTrace, readTrace } from '../read-trace.js'
import { numberOf } from '../search-options.js'
import { serveUi } from '../ui-server.js'

interface UiFlags extends ConditionFlags {
  host: string
  port?: string
  run?: string
}

/** `mmrace ui`: serves the page until it is interrupted. */
export function addUi(program: Command, print: Print, signal: AbortSignal): void {
  program.command('ui').description('look at races in the browser: search, branch, compare')
    .argument('[race]', 'a name, a file, or a trace file to begin with')
    .option('--arch <name>', 'profile (default arm64)')
    .option('--kernel <name>', KERNEL_HELP)
    .option('--revert <ids>', 'take changes out of the kernel')
    .option('--apply <ids>', 'put changes in that it does not have')
    .option('--bug', 'the bug form that the race declares')
    .option('--variant <name>', 'any form that the race declares (default fixed)')
    .option('--change <file>', CHANGE_HELP, several)
    .option('--run <race>', 'the race file to run, where a trace is of one')
    .option('--host <address>', 'listen here; anyone who reaches it and has the address can look', '127.0.0.1')
    .option('--port <number>', 'listen on this port (default: any that is free)')
    .action(async (name: string | undefined, flags: UiFlags) => {
      const port = numberOf('--port', flags.port, 0) ?? 0
      if (!Number.isInteger(port) || port > 65_535) throw new UserError('bad-port', `there is no port ${flags.port}`, 'give 0 to 65535')
      if (name === undefined && flags.change) throw new UserError('no-race', '--change without a race', 'mmrace ui RACE --change FILE')
      const html = name === undefined ? emptyPage('mmrace') : await pageFor(name, flags, signal)
      const { server, url } = await listening(html, flags.host, port)
      print(`${url}\npress Ctrl-C to end`)
      await interrupted(signal)
      server.closeAllConnections()
      server.close()
    })
}

/** Files of the user's run under watch (guarded.ts), which must see that waiting is no endless loop. */
async function interrupted(signal: AbortSignal): Promise<void> {
  const alive = setInterval(() => heartbeat.beat(), 1000)
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve())
  })
  clearInterval(alive)
}

async function pageFor(name: string, flags: UiFlags, signal: AbortSignal): Promise<string> {
  if (name.endsWith('.json')) return pageOfTrace(name, flags)
  if (flags.run !== undefined) throw new UserError('no-trace', '--run goes with a trace file', 'mmrace ui FILE.json --run RACE')
  const own = await ownChanges(flags.change)
  const race = await loadRace(name, own)
  const [conditions] = conditionsOf(race, flags, own)
  const outcome = await drive(checkRace(race, conditions!, { signal }))
  return pageOf(await drive(viewWithOrders({ ...outcome, race: await racePaged(race, name, flags.change) })), name, name, flags.change)
}

async function pageOfTrace(file: string, flags: UiFlags): Promise<string> {
  const saved = readTrace(file)
  const race = await raceOfTrace(saved, file, 'mmrace ui', flags)
  const name = flags.run ?? saved.race
  const conditions = conditionsOfTrace(saved)
  const loaded = new Loaded(boot(race, conditions))
  const schedule = fitSchedule(loaded, saved).steps.map((step) => step.choice)
  return pageOf(viewOfSchedule(await racePaged(race, name, flags.change), conditions, loaded, schedule), name, file, flags.change)
}

async function listening(html: string, host: string, port: number): ReturnType<typeof serveUi> {
  try {
    return await serveUi(html, { host, port })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UserError('cannot-listen', `cannot listen on ${host} port ${port}: ${why}`, 'leave --port out to take any that is free')
  }
}
