import { spawnSync } from 'node:child_process'
import path from 'node:path'

export const root = path.resolve(import.meta.dirname, '../..')
const bin = path.join(root, 'bin/mmrace.mjs')

/** Runs the built command as a user would. */
export function mmrace(args: readonly string[], cwd = root, command = bin): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { cwd, encoding: 'utf8' })
  return { status, stdout, stderr }
}
