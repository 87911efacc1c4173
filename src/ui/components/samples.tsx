import { useApp } from '../app/context.js'

/** Runs without a violation that reach each of the race's `sometimes`. */
export function Samples() {
  const { store, actions } = useApp()
  const samples = store.samples.value
  return (
    <div>
      <button disabled={!store.runnable.value || store.busy.value !== undefined} onClick={() => void actions.findSamples()}>Find passing runs</button>
      <ul aria-label="passing runs">
        {samples?.map(({ reaches, view }) => (
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
