import { oracleName } from '../../trace/verdict.js'
import { useApp } from '../app/context.js'
import { laneLetter } from '../../trace/commit-table.js'
import type { LanePoint } from '../view/view.js'
import { Panel } from './panel.js'

/** What can run in the state shown, and why the rest cannot. Pressing a step takes it: another run begins. */
export function Here() {
  const { store, actions } = useApp()
  const view = store.view.value!
  const point = view.points[store.at.value] ?? []
  const taken = view.trace.steps[store.at.value]
  const can = store.runnable.value && store.busy.value === undefined
  let number = 0
  const free = point.flatMap(({ label, fn, alternatives }, lane) => alternatives.flatMap(({ blocked, violates, commutes }, alternative) =>
    blocked === undefined ? [{ lane, label, fn, alternative, many: alternatives.length > 1, violates, commutes, number: ++number }] : []))
  return (
    <Panel title="Here" name="here">
      <h3>can run now</h3>
      <ul aria-label="can run now">
        {free.map(({ lane, label, fn, alternative, many, violates, commutes, number }) => (
          <li key={`${lane}.${alternative}`}>
            <button class={`branch lane${lane % 6}`} disabled={!can} onClick={() => void actions.branch(lane, alternative)}
              aria-label={`take ${label} of ${view.trace.lanes[lane]}${many ? `, alternative ${alternative + 1}` : ''}`}>
              <kbd>{number}</kbd> {laneLetter(lane)}: {label}{many && ` (${alternative + 1})`}
            </button>
            {taken?.lane === lane && taken.alternative === alternative && <span class="tag">taken</span>}
            {store.tried.value.has(`${lane}.${alternative}`) && <span class="tag" title="another run, which undo or redo brings back, took it">tried</span>}
            {commutes && <span class="tag" title="it makes no difference whether it or the step taken comes first">commutes</span>}
            <AheadTag lane={lane} alternative={alternative} />
            {violates !== undefined && <span class="tag bad">✗ {oracleName(violates)}</span>}
            <div class="dim">{fn}()</div>
          </li>
        ))}
        {free.length === 0 && <li class="dim">nothing: {view.ended ? 'all lanes have ended' : 'the run is over'}</li>}
      </ul>
      <h3>blocked</h3>
      <ul aria-label="blocked">{point.map((lane, i) => <Blocked key={i} lane={i} point={lane} />)}</ul>
      <div class="group">
        <button disabled={!can || free.length === 0} onClick={() => void actions.lookAhead()}>What can still go wrong?</button>
        <button disabled={!can || free.length === 0} onClick={() => void actions.toEnd()}>Run on to the end</button>
        <button disabled={!can || store.at.value === 0} onClick={() => void actions.trySwap()}>Try swapping with the step below</button>
      </div>
    </Panel>
  )
}

function Blocked({ lane, point: { label, alternatives } }: { lane: number; point: LanePoint }) {
  const { store } = useApp()
  const name = `${laneLetter(lane)} ${store.view.value!.trace.lanes[lane]}`
  if (label === undefined) return <li class="dim">{name} has ended</li>
  if (alternatives.some(({ blocked }) => blocked === undefined)) return null
  const owner = (cell: string): string => {
    const who = store.locks.value.find((lock) => lock.cell === cell)?.owners ?? []
    return who.length > 0 ? `, held by ${who.join(', ')}` : ''
  }
  const cells = [...new Set(alternatives.flatMap(({ waitsOn }) => waitsOn ?? []))]
  return (
    <li>
      <b>{laneLetter(lane)}</b>: {label} <span class="tag">⏸ {alternatives[0]?.blocked}</span>
      {cells.map((cell) => <div key={cell} class="dim">{cell} = {store.state.value.get(cell)}{owner(cell)}</div>)}
    </li>
  )
}

/** What was found out about the runs that begin with a step. */
function AheadTag({ lane, alternative }: { lane: number; alternative: number }) {
  const { store } = useApp()
  const found = store.ahead.value?.find((ahead) => ahead.lane === lane && ahead.alternative === alternative)
  if (!found) return null
  if (found.violates.length > 0) return <span class="tag bad">✗ can violate {found.violates.map(oracleName).join(', ')}</span>
  return <span class="tag">{found.complete ? '✓ nothing violated from here' : '? too many states to tell'}</span>
}
