import { UserError } from '../engine/errors.js'
import { nearestHint } from '../engine/nearest.js'
import type { Change } from '../kernel/changes/change.js'
import { changeById, changes } from '../kernel/changes/index.js'
import { kernelNames } from '../machine/kernels.js'

/** Why a change cannot be taken out of a kernel, or put into one: there is none of this id, or it makes no sense on any kernel. */
export function changeProblem(id: string, option: 'revert' | 'apply', own: readonly Change[] = []): UserError | undefined {
  if (own.some((one) => one.id === id)) {
    return option === 'apply' ? undefined : new UserError('wrong-change-option', `${id} is a change of the race's own`, 'it goes with --apply')
  }
  const change = changeById(id)
  if (!change) {
    const hint = nearestHint(id, [...own, ...changes].map((one) => one.id), 'mmrace list changes shows those there are')
    return new UserError('unknown-change', `there is no change "${id}"`, hint)
  }
  if (option === 'apply') {
    return change.since === kernelNames[0] ? new UserError('wrong-change-option', `every kernel has ${id}`, 'it goes with --revert') : undefined
  }
  if (change.since !== undefined) return undefined
  return new UserError('wrong-change-option', `${id} is ${change.mutation ? 'a mutation' : 'a proposal'}: no kernel has it`, 'it goes with --apply')
}
