import { oracleName } from '../../trace/verdict.js'
import { useApp } from '../app/context.js'

/** The truth of each oracle over the steps, and where each `sometimes` was reached. Press to go there. */
export function OracleStrip() {
  const { store } = useApp()
  const { race, trace, reached } = store.view.value!
  const last = trace.steps.length
  const broken = trace.violation
  const oracles = [...new Set([...race.oracles, ...(broken ? [broken.oracle] : [])])]
  const place = (step: number): { left: string } => ({ left: `${(100 * (step + 1)) / Math.max(last, 1)}%` })
  return (
    <div class="strip" role="group" aria-label="properties over the steps">
      {oracles.map((id) => {
        const isBroken = broken?.oracle === id
        return (
          <div key={id} class="property" data-broken={isBroken}>
            <span class="name" title={oracleName(id)}>{id}</span>
            <span class="bar">
              {isBroken && <button class="mark broken" style={place(last - 1)} aria-label={`${oracleName(id)} violated at step ${last}`} onClick={() => store.goTo(last)}>✗</button>}
              <span class="here" style={place(store.at.value - 1)} />
            </span>
            <span class="word">{isBroken ? `✗ ${oracleName(id)}` : `✓ ${oracleName(id)}`}</span>
          </div>
        )
      })}
      {race.sometimes.map((name) => {
        const steps = reached.filter((mark) => mark.name === name)
        return (
          <div key={name} class="property">
            <span class="name">~</span>
            <span class="bar">
              {steps.map(({ step }) => (
                <button key={step} class="mark" style={place(step)} aria-label={`${name} reached at step ${step + 1}`} onClick={() => store.goTo(step + 1)}>●</button>
              ))}
              <span class="here" style={place(store.at.value - 1)} />
            </span>
            <span class="word">{steps.length > 0 ? `● ${name}` : `○ ${name}: not in this run`}</span>
          </div>
        )
      })}
    </div>
  )
}
