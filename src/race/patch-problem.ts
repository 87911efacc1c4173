import { UserError } from '../engine/errors.js'
import { nearestHint } from '../engine/nearest.js'
import { patches } from '../kernel/patches.js'

/** Why a patch cannot be reverted or applied: there is no such patch, or it goes the other way. */
export function patchProblem(id: string, option: 'revert' | 'apply'): UserError | undefined {
  const patch = patches.find((p) => p.id === id)
  if (!patch) {
    const hint = nearestHint(id, patches.map((p) => p.id), 'mmrace list patches shows those there are')
    return new UserError('unknown-patch', `there is no patch "${id}"`, hint)
  }
  if ((patch.state === 'merged') === (option === 'revert')) return undefined
  const other = option === 'revert' ? 'apply' : 'revert'
  return new UserError('wrong-patch-option', `${id} is ${patch.state}`, `it goes with --${other}`)
}
