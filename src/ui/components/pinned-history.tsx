import { useApp } from '../app/context.js'

/** Every value the pinned cell has in the run. */
export function PinnedHistory() {
  const { store } = useApp()
  const cell = store.pinned.value
  const view = store.view.value!
  if (cell === undefined) return null
  const changes = view.trace.steps.flatMap(({ writes, lane }, step) =>
    writes.filter((write) => write.cell === cell).map(({ value }) => ({ step, lane, value })))
  return (
    <div class="pinned" role="group" aria-label={`history of ${cell}`}>
      <b>{cell}</b>: {view.cells.find(({ name }) => name === cell)?.value}
      {changes.map(({ step, lane, value }) => (
        <button key={step} class={`lane${lane % 6}`} aria-current={store.at.value === step + 1} onClick={() => store.goTo(step + 1)}>→ {value} <sub>{step + 1}</sub></button>
      ))}
      <button aria-label="unpin" onClick={() => (store.pinned.value = undefined)}>×</button>
    </div>
  )
}
