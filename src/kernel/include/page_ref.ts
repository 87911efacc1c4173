import { addUnlessZero, fetchAdd, load, type Step, type Steps, store } from '../../engine/model/step.js'
import type { Folio } from './page.js'

/** include/linux/page_ref.h */
export const folio_ref_count = (folio: Folio): Step => load(folio._refcount, { label: 'folio_ref_count(folio)' })
export const folio_ref_add = (folio: Folio, n: number): Step =>
  fetchAdd(folio._refcount, n, { label: `folio_ref_add(folio, ${n})` })
export const folio_get = (folio: Folio): Step => fetchAdd(folio._refcount, 1, { label: 'folio_get(folio)' })

/** Takes references unless the folio is free. Says that somebody owns it, not who. */
export const folio_ref_try_add_rcu = (folio: Folio, n: number): Step<boolean> =>
  addUnlessZero(folio._refcount, n, { label: `folio_ref_try_add_rcu(${n})` })

/** Drops references; true when none is left. */
export function* folio_ref_sub_and_test(folio: Folio, n: number): Steps<boolean> {
  return (yield* fetchAdd(folio._refcount, -n, { label: `folio_ref_sub(folio, ${n})` })) === n
}

export const set_page_count = (folio: Folio, n: number): Step<void> =>
  store(folio._refcount, n, { label: `set_page_count(page, ${n})` })
