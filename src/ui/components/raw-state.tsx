import { useSignal } from '@preact/signals'
import { useApp } from '../app/context.js'

/** Every cell by name. */
export function RawState() {
  const { store } = useApp()
  const filter = useSignal('')
  const ghosts = new Set(store.view.value!.cells.filter(({ ghost }) => ghost).map(({ name }) => name))
  const shown = [...store.state.value].filter(([cell]) => cell.includes(filter.value))
  return (
    <>
      <label>filter <input value={filter.value} onInput={(event) => (filter.value = event.currentTarget.value)} /></label>
      <table class="raw">
        <tbody>
          {shown.map(([cell, value]) => (
            <tr key={cell} data-changed={store.changes.value.has(cell)} class={ghosts.has(cell) ? 'dim' : ''}><th scope="row">{cell}</th><td>{value}</td></tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
