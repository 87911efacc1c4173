import { existsSync, statSync } from 'node:fs'
import { UserError } from '../engine/errors.js'
import { type Change, changesIn } from '../kernel/changes/change.js'
import { imported } from './imported.js'

/** For the help of commands. */
export const CHANGE_HELP = 'put in what a file of yours exports with change(); may be given several times'

/** For an option that may be given several times. */
export const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** The changes that files of the user's export, whatever they call them. */
export async function ownChanges(files: readonly string[] = []): Promise<readonly Change[]> {
  return [...new Set((await Promise.all(files.map(changesOfFile))).flat())]
}

async function changesOfFile(file: string): Promise<Change[]> {
  if (!existsSync(file) || !statSync(file).isFile()) throw new UserError('no-file', `there is no file ${file}`, 'mmrace init my-change.ts --template change writes one to start from')
  const found = changesIn(await imported(file))
  if (found.length === 0) throw new UserError('no-change', `${file} exports no change`, 'export default change({ id: …, title: …, replace: … }): what change() gives, as it is')
  return found
}
