import type { Conditions } from '../../race/boot.js'
import type { VariantInfo, View } from '../view/view.js'
import type { Store } from './store.js'

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((x) => b.includes(x))

/** The declared variant that a view shows, if it is one. */
export const variantShown = ({ race, conditions }: View): VariantInfo | undefined =>
  race.variants.find(({ revert, apply, with: values }) =>
    same(revert, conditions.revert) && same(apply, conditions.apply) && JSON.stringify(values) === JSON.stringify(conditions.with))

/** What to compare with at first: the fixed kernel, or the bug where the fixed kernel is shown. */
export function otherVariant(store: Store): Conditions {
  const view = store.view.value!
  const name = variantShown(view)?.name === 'fixed' ? 'bug' : 'fixed'
  const { revert, apply, with: values } = view.race.variants.find((variant) => variant.name === name) ?? view.race.variants[0]!
  return { ...view.conditions, revert, apply, with: values }
}
