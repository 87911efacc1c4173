import { useApp } from '../app/context.js'
import { fieldsOf, objectsOf } from '../view/objects.js'
import { CellValue } from './cell-value.js'

/** Cells that tell of notifiers: sequence counts, invalidations under way, ranges. */
const NOTIFIER = /notifier|invalidat|interval/
const DEVICE = /^(dev|device|gpu|nic|iommu|smmu|dma|hmm|dmirror|domain|ats)/i

/** Notifiers with the ranges they invalidate, and the tables of devices and IOMMUs. */
export function DeviceCards() {
  const { store } = useApp()
  const state = store.state.value
  const notifiers = [...state].filter(([cell, value]) => NOTIFIER.test(cell) && (value !== '0' || store.changes.value.has(cell)))
  const devices = objectsOf(state, DEVICE)
  return (
    <>
      {notifiers.length > 0 && (
        <div class="card">
          <h3>notifiers</h3>
          <ul>{notifiers.map(([cell]) => <li key={cell}>{cell} <CellValue cell={cell} /></li>)}</ul>
        </div>
      )}
      {devices.length > 0 && (
        <div class="card">
          <h3>devices</h3>
          {devices.map((name) => (
            <div key={name} role="group" aria-label={`device ${name}`}>
              <b>{name}</b>
              <ul>
                {fieldsOf(state, name).filter(([field, value]) => value !== '0' || store.changes.value.has(`${name}.${field}`))
                  .map(([field]) => <li key={field}>{field} <CellValue cell={`${name}.${field}`} /></li>)}
              </ul>
            </div>
          ))}
        </div>
      )}
    </>
  )
}
