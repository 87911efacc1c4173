import { laneLetter } from '../../trace/commit-table.js'
import { ordersHead } from '../../trace/order-lines.js'
import { useApp } from '../app/context.js'
import type { StepPair } from '../view/needed.js'

/** The orders between lanes without which the violation does not happen, each to be tried the other way round. */
export function Orders() {
  const { store } = useApp()
  const { verdict } = store.view.value!
  const orders = verdict?.orders
  const head = orders ? ordersHead(orders)
    : 'Reads of this run that saw a value which another lane changed later:'
  return (
    <div>
      <p>{head}</p>
      {orders && <p class="dim">Each was established by a search of all interleavings for a run without it; {orders.looked} of the {orders.of} in which the lanes of this run meet were looked at.</p>}
      <ul aria-label="orders">{store.orders.value.map((pair) => <Order key={`${pair.first} ${pair.second}`} pair={pair} />)}</ul>
      {!orders && store.orders.value.length === 0 && <p class="dim">none</p>}
    </div>
  )
}

function Order({ pair: { first, second } }: { pair: StepPair }) {
  const { store, actions } = useApp()
  const { steps } = store.view.value!.trace
  const step = (i: number) => (
    <button class="value" onClick={() => store.goTo(i + 1)}>{laneLetter(steps[i]!.lane)}  {steps[i]!.label} <sub>{i + 1}</sub></button>
  )
  return (
    <li>
      {step(first)} before {step(second)}{' '}
      <button disabled={!store.runnable.value || store.busy.value !== undefined} onClick={() => void actions.tryOrder(first, second)}>Try swapping</button>
    </li>
  )
}
