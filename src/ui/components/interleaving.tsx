import { signal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Row } from '../../trace/rows.js'
import { laneLetter } from '../../trace/commit-table.js'
import { oracleName } from '../../trace/verdict.js'
import { useApp } from '../app/context.js'
import { laneKind } from '../view/lane-kind.js'
import { EdgeLines } from './edge-lines.js'
import { Panel } from './panel.js'

/** The run as a table: a row for each step, a column for each CPU and device. */
export function Interleaving() {
  const { store, actions } = useApp()
  const grid = useRef<HTMLDivElement>(null)
  const { trace } = store.view.value!
  const rows = store.rows.value
  const here = store.at.value - 1
  const current = rows.findLast(({ step }) => step !== undefined && step <= here)
  useLayoutEffect(() => {
    const row = grid.current?.querySelector<HTMLElement>('[aria-selected=true]')
    if (!row || !grid.current) return
    if (grid.current.contains(document.activeElement)) row.focus({ preventScroll: true })
    bringIntoView(row, grid.current)
  }, [current])
  const hidden = trace.steps.length - rows.filter(({ step }) => step !== undefined).length
  return (
    <Panel name="interleaving" title={<>
      Interleaving <span class="dim">step {store.at.value} of {trace.steps.length}</span>{' '}
      <button aria-pressed={store.folded.value} onClick={() => (store.folded.value = !store.folded.value)}>
        {store.folded.value ? `${hidden} local steps folded` : 'all steps shown'}
      </button>{' '}
      <input id="filter" type="search" size={12} placeholder="filter" aria-label="filter steps" value={store.filter.value}
        onInput={(event) => (store.filter.value = event.currentTarget.value)} />
    </>}>
      <div class="grid" role="grid" aria-label="interleaving" aria-rowcount={rows.length + 1} aria-colcount={trace.lanes.length + 1} ref={grid}
        data-long={rows.length > LONG} style={{ '--lanes': String(trace.lanes.length) }}>
        <div role="row" class="head">
          <span role="columnheader" class="number">#</span>
          {trace.lanes.map((name, lane) => (
            <span role="columnheader" key={name} class={`lane lane${lane % 6}`}>
              <button class="value" title="run this lane until it has to wait" disabled={!store.runnable.value || store.busy.value !== undefined}
                onClick={() => void actions.runLane(name)}>
                {laneKind(name) === 'cpu' ? `CPU ${laneLetter(lane)}  ${name}` : name}
              </button>
            </span>
          ))}
        </div>
        <StartRow selected={here < 0} tabbable={current === undefined} />
        {rows.map((row, i) => (
          <StepRow key={i} row={row} lanes={trace.lanes.length} selected={row === current && here >= 0} future={row.step !== undefined && row.step > here}
            switches={i > 0 && rows[i - 1]!.lane !== row.lane} />
        ))}
        {trace.violation && (
          <div role="row" class="fatal"><span role="gridcell">
            *** {oracleName(trace.violation.oracle).toUpperCase()}: {trace.violation.message} ***
            {trace.loop !== undefined && ` the last ${trace.loop} steps repeat for ever`}
          </span></div>
        )}
        <EdgeLines grid={grid} />
      </div>
      {trace.steps.length === 0 && <p class="dim">No run is shown. Take a step under Here, or find passing runs below.</p>}
    </Panel>
  )
}

/** Scrolls the panel; and the whole page, where panels do not scroll, only for somebody who is in the table. */
function bringIntoView(row: HTMLElement, grid: HTMLElement): void {
  const panel = grid.parentElement!
  if (panel.scrollHeight <= panel.clientHeight) {
    if (grid.contains(document.activeElement)) row.scrollIntoView({ block: 'nearest' })
    return
  }
  const [inner, outer] = [row.getBoundingClientRect(), panel.getBoundingClientRect()]
  const below = row.nextElementSibling?.classList.contains('fatal') ? row.nextElementSibling.getBoundingClientRect().height : 0
  if (inner.top < outer.top + HEAD_HEIGHT) panel.scrollTop -= outer.top + HEAD_HEIGHT - inner.top
  else if (inner.bottom + below > outer.bottom) panel.scrollTop += inner.bottom + below + HEAD_HEIGHT / 3 - outer.bottom
}

/** Rows from which on the browser lays out only those in view. */
const LONG = 150

/** Pixels that the table's sticky head covers. */
const HEAD_HEIGHT = 30

function StartRow({ selected, tabbable }: { selected: boolean; tabbable: boolean }) {
  const { store } = useApp()
  return (
    <div role="row" class="step start" aria-selected={selected} tabIndex={selected || tabbable ? 0 : -1} onClick={() => store.goTo(0)}>
      <span role="gridcell" class="number">0</span><span role="gridcell" class="dim">the start</span>
    </div>
  )
}

/** The step that is being dragged: rows are put at other places to see whether the run can go that way. */
const dragged = signal<number | undefined>(undefined)

function StepRow({ row, lanes, selected, future, switches }: { row: Row; lanes: number; selected: boolean; future: boolean; switches: boolean }) {
  const { store, actions } = useApp()
  const { step, lane } = row
  const movable = step !== undefined && store.runnable.value
  const classes = ['step', switches && 'switch', future && 'future', step === undefined && 'fn'].filter(Boolean).join(' ')
  const stale = /\bstale\b/.test(row.comment ?? '')
  return (
    <div role="row" class={classes} aria-selected={step === undefined ? undefined : selected} data-step={step} tabIndex={selected ? 0 : -1}
      draggable={movable} onDragStart={() => (dragged.value = step)} onDragEnd={() => (dragged.value = undefined)}
      onDragOver={(event) => movable && dragged.value !== undefined && event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        if (step !== undefined && dragged.value !== undefined && dragged.value !== step) void actions.move(dragged.value, step)
      }}
      onClick={() => step !== undefined && store.goTo(step + 1)}>
      <span role="gridcell" class="number">{step === undefined ? '' : step + 1}</span>
      {Array.from({ length: lanes }, (_, i) => (
        <span role="gridcell" key={i} class={`lane lane${i % 6}${i === lane ? ' acts' : ''}`} data-letter={laneLetter(i)}>
          {i === lane && <span class={row.indent > 0 ? 'indented' : ''}>
            {row.text}{row.comment !== undefined && <span class={stale ? 'effect stale' : 'effect'}>  {'// '}{stale ? '⚠ ' : ''}{row.comment}</span>}
          </span>}
        </span>
      ))}
    </div>
  )
}
