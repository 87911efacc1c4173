import { callAsIs, functionOf } from '../../engine/model/replace.js'
import { UserError } from '../../engine/errors.js'
import { kernel } from '../kernel.js'
import type { ModelFunction } from './change.js'

/** A function as the kernel has it that a change was made to: what stands in its place calls it by this. */
export const original = <F extends ModelFunction>(replaced: F): F => {
  const fn = functionOf(replaced)
  if (!fn) throw new UserError('not-replaceable', `original(${replaced.name}): that is not a function of model code that can be replaced`, 'original(try_grab_folio)(page, refs, flags)')
  return ((...args: unknown[]) => callAsIs(kernel().changes.asReleased.get(fn) ?? fn, args)) as unknown as F
}
