import { oracleName } from '../../trace/verdict.js'
import { useApp } from '../app/context.js'

/** The truth of each oracle over the steps, and where each `sometimes` was reached. Press a mark to go there. */
export function OracleStrip() {
  const { store } = useApp()
  const { race, trace, reached } = store.view.value!
  const last = trace.steps.length
  const broken = trace.violation?.oracle
  const whole = race.oracles.filter((id) => id !== broken)
  return (
    <div class="strip" role="group" aria-label="properties over the steps">
      {broken !== undefined && <Property name={broken} word={`✗ ${oracleName(broken)}`} bad
        marks={[{ at: last, text: '✗', label: `${oracleName(broken)} violated at step ${last}` }]} />}
      {race.sometimes.map((name) => {
        const marks = reached.filter((mark) => mark.name === name)
          .map(({ step }) => ({ at: step + 1, text: '●', label: `${name} reached at step ${step + 1}` }))
        return <Property key={name} name="~" word={marks.length > 0 ? `● ${name}` : `○ ${name}: not in this run`} marks={marks} />
      })}
      <p class="dim">✓ at every step: {whole.map((id) => <span key={id} title={oracleName(id)}>{id} </span>)}</p>
    </div>
  )
}

interface Mark {
  readonly at: number
  readonly text: string
  readonly label: string
}

function Property({ name, word, marks, bad = false }: { name: string; word: string; marks: readonly Mark[]; bad?: boolean }) {
  const { store } = useApp()
  const last = Math.max(1, store.view.value!.trace.steps.length)
  const place = (at: number): { left: string } => ({ left: `${(100 * at) / last}%` })
  return (
    <div class="property" data-broken={bad}>
      <span class="name">{name}</span>
      <span class="bar">
        <span class="here" style={place(store.at.value)} />
        {marks.map(({ at, text, label }) => (
          <button key={at} class="mark" style={place(at)} aria-label={label} onClick={() => store.goTo(at)}>{text}</button>
        ))}
      </span>
      <span class="word" title={word}>{word}</span>
    </div>
  )
}
