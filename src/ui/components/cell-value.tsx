import { useApp } from '../app/context.js'
import { moveToChange } from '../app/moves.js'

/** A value of a cell; with what it was when the step shown changed it. Pressing it pins the cell, twice goes to its next change. */
export function CellValue({ cell, text, label = cell }: { cell: string; text?: string; label?: string }) {
  const { store } = useApp()
  const before = store.changes.value.get(cell)
  const value = text ?? store.state.value.get(cell) ?? ''
  const pinned = store.pinned.value === cell
  return (
    <button class="value" data-changed={before !== undefined} aria-pressed={pinned} aria-label={`pin ${label}: ${value}${before === undefined ? '' : `, was ${before}`}`}
      onClick={(event) => (store.pinned.value = pinned && event.detail < 2 ? undefined : cell)} onDblClick={() => moveToChange(store, 1)}>
      {before !== undefined && <><s>{before}</s> → </>}{value}
    </button>
  )
}
