import { useSignal } from '@preact/signals'
import { laneLetter } from '../../trace/commit-table.js'
import { useApp } from '../app/context.js'
import { otherVariant } from '../app/other-variant.js'
import { divergence } from '../view/divergence.js'
import type { View } from '../view/view.js'
import { Select } from './select.js'

/** The same schedule on two kernels side by side, with the first difference marked. */
export function Compare() {
  const { store, actions } = useApp()
  const view = store.view.value!
  const variant = useSignal('')
  const other = store.other.value
  const names = view.race.variants.map(({ name }) => name)
  const chosen = variant.value || names.find((name) => {
    const wanted = otherVariant(store)
    const variant = view.race.variants.find((v) => v.name === name)
    return JSON.stringify([variant?.revert, variant?.apply, variant?.with]) === JSON.stringify([wanted.revert, wanted.apply, wanted.with])
  }) || names[0]!
  const run = (): void => {
    const { revert, apply, with: values } = view.race.variants.find(({ name }) => name === chosen)!
    void actions.compare({ ...view.conditions, revert, apply, with: values })
  }
  const parts = other && divergence(view.trace, other.trace)
  return (
    <div>
      <Select label="with" value={chosen} options={names.map((name) => [name, name])} onChange={(name) => (variant.value = name)} />{' '}
      <button disabled={!store.runnable.value || store.busy.value !== undefined} onClick={run}>Same schedule on this kernel</button>
      {other && parts !== undefined && <Waits other={other} lane={view.trace.steps[parts]?.lane} at={parts} />}
      {other && (
        <div class="compare">
          <Steps view={view} title="shown above" parts={parts} />
          <Steps view={other} title={chosen} parts={parts} />
        </div>
      )}
    </div>
  )
}

/** Where the runs part because a lane has to wait on the other kernel: for what. */
function Waits({ other, lane, at }: { other: View; lane: number | undefined; at: number }) {
  const point = lane === undefined ? undefined : other.points[at]?.[lane]
  if (!point?.label || point.alternatives.some(({ blocked }) => blocked === undefined)) return null
  return <p>At step {at + 1} {other.trace.lanes[lane!]} has to wait there: <code>{point.label}</code>, {point.alternatives[0]?.blocked}</p>
}

/** Steps shown before the runs part. */
const SHARED = 3

function Steps({ view, title, parts }: { view: View; title: string; parts: number | undefined }) {
  const { trace } = view
  /** Both runs have these; the last of them are shown, to see where one is. */
  const same = Math.max(0, (parts ?? 0) - SHARED)
  const steps = trace.steps.map(({ lane, label, result }, i) => (
    <li key={i} class={`lane${lane % 6}`} data-parts={i === parts} value={i + 1}>
      {i === parts && <b class="tag bad">≠ first difference</b>} {laneLetter(lane)}: {label}{result !== undefined && <span class="effect">  {'// '}{result}</span>}
    </li>
  ))
  return (
    <div>
      <h3>{title}: {trace.violation ? `✗ ${trace.violation.message}` : '✓ nothing violated'}</h3>
      {same > 0 && <details><summary>{same} steps that are the same</summary><ol>{steps.slice(0, same)}</ol></details>}
      <ol aria-label={`steps, ${title}`}>{steps.slice(same)}</ol>
    </div>
  )
}
