import { useSignal } from '@preact/signals'
import { oracleName } from '../../trace/verdict.js'
import { useApp } from '../app/context.js'

/** Other runs: to a state that somebody asks for, of each violation found, and passing ones. */
export function Runs() {
  const { store, actions } = useApp()
  const can = store.runnable.value && store.busy.value === undefined
  return (
    <div>
      <Where />
      {store.violations.value.length > 0 && <h3>violations</h3>}
      <ul aria-label="violations">
        {store.violations.value.map((run) => (
          <li key={run.oracle}>
            <button disabled={!can} onClick={() => void actions.showViolation(run)}>✗ {oracleName(run.oracle)}: {run.message}, {run.schedule.length} steps</button>
          </li>
        ))}
      </ul>
      <h3>passing runs</h3>
      <button disabled={!can} onClick={() => void actions.findSamples()}>Find passing runs</button>
      <ul aria-label="passing runs">
        {store.samples.value?.map(({ reaches, view }) => (
          <li key={reaches}>
            {view
              ? <button onClick={() => store.show(view)}>● {reaches}: {view.trace.steps.length} steps</button>
              : <span class="dim">○ {reaches}: in none of the runs tried</span>}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Where() {
  const { store, actions } = useApp()
  const condition = useSignal('')
  const view = store.view.value!
  return (
    <form class="group where" onSubmit={(event) => {
      event.preventDefault()
      if (condition.value.trim() !== '') void actions.where(condition.value.trim())
    }}>
      <label for="where">Show me a run where</label>
      <input id="where" type="text" list="cells" size={38} value={condition.value} placeholder="mm0.pmd[0] == none && page6._refcount > 1"
        onInput={(event) => (condition.value = event.currentTarget.value)} />
      <datalist id="cells">{view.cells.filter(({ ghost }) => !ghost).map(({ name }) => <option key={name} value={name} />)}</datalist>
      <button disabled={!store.runnable.value || store.busy.value !== undefined}>Find</button>
    </form>
  )
}
