import { addUnlessZero, atomic, fetchAdd, load, type Step, type Steps, store } from '../../engine/model/step.js'
import { kernel } from '../kernel.js'
import type { Folio } from './page.js'

/** Whether references can run out of bits: not with 32, in any run that is short enough to be explored. */
const narrow = (): boolean => kernel().geometry.refcountBits < 32

const wrapped = (count: number): number => {
  const unused = 32 - kernel().geometry.refcountBits
  return (count << unused) >> unused
}

/** Adds to a narrow counter, and returns the value before. */
const add_narrow = (folio: Folio, n: number, unlessZero: boolean, label: string): Step =>
  atomic(label, (m) => {
    const old = m.get(folio._refcount)
    if (old !== 0 || !unlessZero) m.set(folio._refcount, wrapped(old + n))
    return old
  })

const add = (folio: Folio, n: number, label: string): Step =>
  (narrow() ? add_narrow(folio, n, false, label) : fetchAdd(folio._refcount, n, { label }))

/** include/linux/page_ref.h */
export const folio_ref_count = (folio: Folio): Step => load(folio._refcount, { label: 'folio_ref_count(folio)' })
export const folio_ref_add = (folio: Folio, n: number): Step => add(folio, n, `folio_ref_add(folio, ${n})`)
/** Of a page in use, which who calls must know of it: a page that is free is not to be taken (VM_BUG_ON_FOLIO in 6.1). */
export const folio_get = (folio: Folio): Step =>
  narrow() ? add_narrow(folio, 1, false, 'folio_get(folio)') : atomic('folio_get(folio)', (m) => {
    const old = m.get(folio._refcount)
    if (old === 0) for (const observer of kernel().observers) observer.usesPage?.(m, folio)
    m.set(folio._refcount, old + 1)
    return old
  })

/** Takes references unless the folio is free. Says that somebody owns it, not who. */
export function* folio_ref_try_add_rcu(folio: Folio, n: number): Steps<boolean> {
  const label = `folio_ref_try_add_rcu(${n})`
  if (narrow()) return (yield* add_narrow(folio, n, true, label)) !== 0
  return yield* addUnlessZero(folio._refcount, n, { label })
}

/** include/linux/mm.h:get_page_unless_zero: a reference for somebody who has only the number of the page. False: it is free. */
export const get_page_unless_zero = (page: Folio): Steps<boolean> => folio_ref_try_add_rcu(page, 1)

/**
 * Whether the count says that there are too many references, or none: since 5.1 (8fde12ca79af, 15fab63e1e57) nobody takes
 * one then. No step where that cannot be.
 */
export function* folio_ref_overflown(folio: Folio): Steps<boolean> {
  return narrow() && (yield* folio_ref_count(folio)) <= 0
}

/** Drops references; true when none is left. */
export function* folio_ref_sub_and_test(folio: Folio, n: number): Steps<boolean> {
  return (yield* add(folio, -n, `folio_ref_sub(folio, ${n})`)) === n
}

export const set_page_count = (folio: Folio, n: number): Step<void> =>
  store(folio._refcount, n, { label: `set_page_count(page, ${n})` })

/** Takes all references at once, if they are as many as expected: nobody finds the folio then. */
export const folio_ref_freeze = (folio: Folio, count: number): Step<boolean> =>
  atomic(`folio_ref_freeze(folio, ${count})`, (m) => {
    if (m.get(folio._refcount) !== count) return false
    m.set(folio._refcount, 0)
    return true
  })
