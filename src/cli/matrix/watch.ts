import { spawn } from 'node:child_process'
import { type FSWatcher, watch as watchFolder } from 'node:fs'
import path from 'node:path'
import { heartbeat } from '../../engine/heartbeat.js'
import { UserError } from '../../engine/errors.js'
import { outlinesFrom } from '../../instrument/hashes.js'
import { Exit } from '../exit-codes.js'
import { isFile } from '../is-file.js'
import { PACKAGE } from '../package.js'

/** An editor writes a file in several goes. */
const QUIET = 150

/** Searches races again as their files change: only those that import what has changed. Each time in a process of its own. */
export async function watch(races: readonly string[], options: readonly string[], signal: AbortSignal): Promise<number> {
  const files = races.filter(isFile)
  if (files.length === 0) throw new UserError('nothing-to-watch', '--watch without a race file', 'races that come with mmrace do not change; name files of yours')
  const changed = new Set<string>()
  const watchers = new Map<string, FSWatcher>()
  const beats = setInterval(() => heartbeat.beat(), 1000)
  let wake = (): void => undefined
  signal.addEventListener('abort', () => wake())
  const listen = (): void => {
    for (const folder of new Set(files.flatMap((file) => importsOf(file)).map((file) => path.dirname(file)))) {
      if (!watchers.has(folder)) watchers.set(folder, watchFolder(folder, (_, name) => {
        if (name !== null) changed.add(path.join(folder, name))
        wake()
      }))
    }
  }
  try {
    for (let next: readonly string[] = races; !signal.aborted;) {
      listen()
      if (next.length > 0) await run(['matrix', ...next, ...options], signal)
      if (changed.size === 0 && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve))
      await new Promise((resolve) => setTimeout(resolve, QUIET))
      const touched = new Set(changed)
      changed.clear()
      next = files.filter((file) => importsOf(file).some((one) => touched.has(one)))
    }
  } finally {
    clearInterval(beats)
    for (const watcher of watchers.values()) watcher.close()
  }
  return Exit.interrupted
}

/** The file, and those of the user's that it imports. One that cannot be read now is told of when it is run. */
function importsOf(file: string): string[] {
  try {
    return [...outlinesFrom(file).keys()]
  } catch {
    return [path.resolve(file)]
  }
}

function run(args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(PACKAGE, 'bin/mmrace.mjs'), ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
    const stop = (): void => void child.kill('SIGINT')
    signal.addEventListener('abort', stop)
    child.on('close', () => {
      signal.removeEventListener('abort', stop)
      resolve()
    })
  })
}
