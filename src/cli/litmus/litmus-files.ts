import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { UserError } from '../../engine/errors.js'

/** The file, or the litmus files of this dialect below the directory; others in it are passed over. */
export function litmusFiles(where: string, dialect: 'C' | 'AArch64' = 'C'): string[] {
  const stat = statSync(where, { throwIfNoEntry: false })
  if (!stat) throw new UserError('no-such-file', `there is no ${where}`, 'name a litmus file or a directory')
  if (!stat.isDirectory()) return [where]
  return readdirSync(where, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.litmus')).toSorted().map((name) => path.join(where, name))
    .filter((file) => new RegExp(`^\\s*${dialect}\\s`).test(readText(file)))
}

/** The litmus files named, or below the directories named, of the given dialect. A file that is of neither counts as C. */
export function filesOfDialect(paths: readonly string[], dialect: 'C' | 'AArch64'): string[] {
  const isArm = (file: string): boolean => /^\s*AArch64\s/.test(readText(file))
  return paths.flatMap((where) => litmusFiles(where, dialect)).filter((file) => isArm(file) === (dialect === 'AArch64'))
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UserError('cannot-read', `cannot read ${file}: ${(cause as Error).message}`, 'check the path')
  }
}
