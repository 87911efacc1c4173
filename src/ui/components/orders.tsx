import { useApp } from '../app/context.js'
import { laneLetter } from '../../trace/commit-table.js'
import type { TraceStep } from '../../trace/trace.js'

/** Orders between lanes that the run went by, each to be tried the other way round. */
export function Orders() {
  const { store, actions } = useApp()
  const { trace } = store.view.value!
  const shown = new Set(store.rows.value.map(({ step }) => step))
  const pairs = [...new Map(store.edges.value.filter(({ kind, read, write }) => kind === 'older' && shown.has(read) && shown.has(write))
    .map(({ read, write, cell }) => [`${read} ${write}`, { first: read, second: write, cell }])).values()]
  const text = (step: TraceStep): string => `${laneLetter(step.lane)} ${step.label}`
  const can = store.runnable.value && store.busy.value === undefined
  return (
    <div>
      <p class="dim">Each read below saw a value that the other lane changed later. Try what happens when the change comes first.</p>
      <ul aria-label="orders">
        {pairs.map(({ first, second, cell }) => (
          <li key={`${first} ${second}`}>
            <button class="value" onClick={() => store.goTo(first + 1)}>{text(trace.steps[first]!)}</button> before{' '}
            <button class="value" onClick={() => store.goTo(second + 1)}>{text(trace.steps[second]!)}</button>{' '}
            <span class="dim">{cell}</span>{' '}
            <button disabled={!can} onClick={() => void actions.tryOrder(first, second)}>Try swapping</button>
          </li>
        ))}
      </ul>
    </div>
  )
}
