import type { Access, Cell } from '../../engine/model/memory.js'
import { addUnlessZero, atomic, type Step } from '../../engine/model/step.js'
import { kernel } from '../kernel.js'

const misused = (m: Access, what: string): void => {
  for (const observer of kernel().observers) observer.misuses?.(m, `refcount_t: ${what}`)
}

/** include/linux/refcount.h:refcount_inc. Who has no reference cannot take another. */
export const refcount_inc = (count: Cell): Step<void> =>
  atomic('refcount_inc(r)', (m) => {
    const before = m.get(count)
    if (before <= 0) misused(m, 'addition on 0; use-after-free')
    m.set(count, before + 1)
  })

/** include/linux/refcount.h:refcount_inc_not_zero. False: it is on its way to be freed. */
export const refcount_inc_not_zero = (count: Cell): Step<boolean> => addUnlessZero(count, 1, { label: 'refcount_inc_not_zero(r)' })

/** include/linux/refcount.h:refcount_dec_and_test. True: that was the last one. */
export const refcount_dec_and_test = (count: Cell): Step<boolean> =>
  atomic('refcount_dec_and_test(r)', (m) => {
    const before = m.get(count)
    if (before <= 0) misused(m, 'underflow; use-after-free')
    m.set(count, before - 1)
    return before === 1
  }, { order: 'full' })
