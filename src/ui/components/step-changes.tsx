import { useApp } from '../app/context.js'

/** All that the step read and changed, the oracles' own cells too. */
export function StepChanges() {
  const { store } = useApp()
  const step = store.step.value
  if (!step) return <p class="dim">no step yet</p>
  return (
    <>
      <p>{store.view.value!.trace.lanes[step.lane]}: <code>{step.label}</code></p>
      {step.writes.length === 0 && <p class="dim">changes nothing</p>}
      <ul aria-label="changes">
        {step.writes.map(({ cell, before, value, ghost }) => <li key={cell}>{cell}: {before} → {value}{ghost && <span class="tag">oracle</span>}</li>)}
      </ul>
      <h3>reads</h3>
      <ul aria-label="reads">{step.reads.map(({ cell, value }) => <li key={cell}>{cell}: {value}</li>)}</ul>
      {step.notes.map((note) => <p key={note}>{note}</p>)}
    </>
  )
}
