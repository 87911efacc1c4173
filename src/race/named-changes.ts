import { UserError } from '../engine/errors.js'
import { nearestHint } from '../engine/nearest.js'
import { shown } from '../engine/shown.js'
import type { Change } from '../kernel/changes/change.js'
import { changes } from '../kernel/changes/index.js'
import { kernelNames } from '../machine/kernels.js'

/** As many digits of a commit id as git asks for. */
const LEAST = 7

/**
 * The changes of this name: a word; a commit by all of its digits or so many of the first that there is no other; a CVE,
 * which may have taken several commits. Or what is wrong with the name.
 */
export function namedChanges(name: string, own: readonly Change[] = []): readonly Change[] | UserError {
  const all = [...own, ...changes]
  const small = name.toLowerCase()
  const exact = all.filter(({ id, cve }) => id === small || cve?.toLowerCase() === small)
  if (exact.length > 0) return exact
  const found = /^[0-9a-f]{1,40}$/.test(small) ? all.filter(({ id }) => /^[0-9a-f]{12}$/.test(id) && (id.startsWith(small) || small.startsWith(id))) : []
  if (found.length === 1 && small.length >= LEAST) return found
  if (found.length > 1) return new UserError('ambiguous-change', `${shown(name)} is the start of ${found.map(({ id }) => id).join(', ')}`, 'give more digits')
  if (found.length === 1) return new UserError('short-change', `${shown(name)} is too short for a commit`, `give ${LEAST} digits or more, such as ${found[0]!.id}`)
  const names = all.flatMap(({ id, cve }) => [id, ...(cve === undefined ? [] : [cve])])
  return new UserError('unknown-change', `there is no change ${shown(name)}`, nearestHint(name, names, 'mmrace list changes shows those there are'))
}

/** Why changes cannot be taken out of a kernel, or put into one: there are none of this name, or it makes no sense on any kernel. */
export function changeProblem(name: string, option: 'revert' | 'apply', own: readonly Change[] = []): UserError | undefined {
  const found = namedChanges(name, own)
  if (found instanceof UserError) return found
  for (const change of found) {
    const { id, since, mutation } = change
    if (option === 'apply' && since === kernelNames[0]) return new UserError('wrong-change-option', `every kernel has ${id}`, 'it goes with --revert')
    if (option === 'apply' || since !== undefined) continue
    const what = own.includes(change) ? "a change of the race's own" : mutation ? 'a mutation' : 'a proposal'
    return new UserError('wrong-change-option', `${id} is ${what}: no kernel has it`, 'it goes with --apply')
  }
  return undefined
}

/** The ids of changes by names that are right. */
export const changeIds = (names: readonly string[], own: readonly Change[] = []): readonly string[] => [...new Set(names.flatMap((name) => {
  const found = namedChanges(name, own)
  if (found instanceof UserError) throw found
  return found.map(({ id }) => id)
}))]
