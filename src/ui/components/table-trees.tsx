import { useApp } from '../app/context.js'
import { type Table, tableTrees } from '../view/objects.js'
import { CellValue } from './cell-value.js'

/** The page tables as trees. */
export function TableTrees() {
  const { store } = useApp()
  return (
    <div class="card">
      <h3>page tables</h3>
      {tableTrees(store.state.value).map((table) => <Tree key={table.name} table={table} />)}
    </div>
  )
}

function Tree({ table: { name, entries, freed } }: { table: Table }) {
  return (
    <div class="tree" role="group" aria-label={`page table ${name}`}>
      <b>{name}</b>{freed && <span class="tag bad">freed</span>}
      <ul>
        {entries.map(({ cell, value, table }) => (
          <li key={cell} class={value === 'none' ? 'dim' : ''}>
            {cell.slice(cell.indexOf('.') + 1)} <CellValue cell={cell} />
            {table && <Tree table={table} />}
          </li>
        ))}
      </ul>
    </div>
  )
}
