import type { Store } from './store.js'

/** Steps that the table shows now, ascending. */
const shown = (store: Store): number[] => store.rows.value.flatMap(({ step }) => (step === undefined ? [] : [step]))

/** To the next or previous step that the table shows. */
export function moveStep(store: Store, by: 1 | -1): void {
  const here = store.at.value - 1
  const steps = shown(store)
  const next = by > 0 ? steps.find((step) => step > here) : steps.findLast((step) => step < here)
  store.goTo(next === undefined ? (by > 0 ? store.at.value : 0) : next + 1)
}

/** To the next or previous step of the same lane. */
export function moveInLane(store: Store, by: 1 | -1): void {
  const lane = store.step.value?.lane
  moveTo(store, by, (i) => lane === undefined || store.view.value!.trace.steps[i]!.lane === lane)
}

/** To the next or previous step after which another lane goes on. */
export function moveToSwitch(store: Store, by: 1 | -1): void {
  const steps = store.view.value?.trace.steps ?? []
  moveTo(store, by, (i) => i > 0 && steps[i]!.lane !== steps[i - 1]!.lane, false)
}

/** To the next or previous change of the pinned cell. */
export function moveToChange(store: Store, by: 1 | -1): void {
  const cell = store.pinned.value
  if (cell === undefined) return store.note('pin a field first: press it in the state')
  moveTo(store, by, (i) => store.view.value!.trace.steps[i]!.writes.some((write) => write.cell === cell), false)
}

function moveTo(store: Store, by: 1 | -1, test: (step: number) => boolean, onlyShown = true): void {
  const here = store.at.value - 1
  const all = onlyShown ? shown(store) : (store.view.value?.trace.steps ?? []).map((_, i) => i)
  const fit = all.filter((i) => test(i))
  const next = by > 0 ? fit.find((i) => i > here) : fit.findLast((i) => i < here)
  if (next !== undefined) store.goTo(next + 1)
}
