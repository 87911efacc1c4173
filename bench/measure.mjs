import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import path from 'node:path'

/** Where a program is on the PATH; undefined when it is not there. */
export const find = (program) => (process.env.PATH ?? '').split(path.delimiter)
  .map((directory) => path.join(directory, program))
  .find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })

/**
 * Runs a command to its end. Returns what it printed, its wall time and the CPU time of all its processes, in seconds.
 * The times are those of the shell, so that every peer is measured the same way.
 */
export const timed = (command, args, { cwd, accept = [0] } = {}) => {
  const script = 'TIMEFORMAT="%R %U %S"; { time "$@" 2>&3; } 3>&1'
  const done = spawnSync('bash', ['-c', script, 'bash', command, ...args], { cwd, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (!accept.includes(done.status)) {
    throw new Error(`${command} ${args.join(' ')} ended with ${done.status ?? done.signal}:\n${done.stdout}${done.stderr}`)
  }
  const [wall, user, system] = done.stderr.trim().split('\n').at(-1).split(' ').map(Number)
  return { output: done.stdout, wall, cpu: user + system }
}

export const median = (numbers) => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
