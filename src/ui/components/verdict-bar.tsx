import { oracleName } from '../../trace/verdict.js'
import { useApp } from '../app/context.js'
import { variantShown } from '../app/other-variant.js'

const ICONS = { VIOLATED: '✗', HOLDS: '✓', VACUOUS: '?', 'NOT FOUND': '?', INCONCLUSIVE: '?', RUN: '▸' } as const

/** The verdict, in the words of `mmrace check`. */
export function VerdictBar() {
  const { store } = useApp()
  const view = store.view.value
  if (!view) return <h1 class="verdict">mmrace</h1>
  const { value: chosen } = store.chosen
  if (chosen !== undefined) return <div class="verdict" role="status" aria-label="verdict"><h1>{chosen}: not searched yet</h1></div>
  const { verdict, trace, race, conditions, ended } = view
  const word = verdict?.word ?? (trace.violation ? 'VIOLATED' : 'RUN')
  const headline = verdict?.headline ?? (trace.violation
    ? `VIOLATED  ${oracleName(trace.violation.oracle)}: ${trace.violation.message}`
    : `RUN  ${trace.steps.length} steps, ${ended ? 'to the end, nothing violated' : 'not at its end'}`)
  const variant = variantShown(view)
  return (
    <div class="verdict" data-word={word} role="status" aria-label="verdict">
      <h1><span aria-hidden="true">{ICONS[word]} </span>{headline}</h1>
      <p>
        {verdict?.conditions ?? [race.name, conditions.arch].join('  ')}
        {!verdict && variant && ` (${variant.name})`}{': '}{race.title}
      </p>
      {verdict && <p>{[verdict.search, verdict.run].filter(Boolean).join('; ')}</p>}
      {variant?.because && <p class="dim">{variant.because}</p>}
    </div>
  )
}
