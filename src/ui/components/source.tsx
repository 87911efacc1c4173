import { useApp } from '../app/context.js'
import { kernelPlace, referenceUrl } from '../view/kernel-place.js'

/** The kernel function of the step shown, with where it stands in Linux and in the model. */
export function Source() {
  const { store } = useApp()
  const step = store.step.value
  if (!step) return <p class="dim">no step yet</p>
  const { calls, source, label } = step
  const place = kernelPlace(source)
  return (
    <div class="source">
      <div>
        <p><code>{label}</code></p>
        <p>
          {calls.slice(1).map((fn, i) => (
            <span key={i}>{i > 0 && ' › '}<a href={referenceUrl(fn)} target="_blank" rel="noreferrer noopener">{fn}()</a></span>
          ))}
        </p>
        {place && <p>Linux 6.1: <code>{place}</code></p>}
        {source && <p>model: <code>{source}</code></p>}
        {store.view.value!.race.references.length > 0 && <>
          <h3>the race</h3>
          <ul>{store.view.value!.race.references.map((reference) => <li key={reference}>{reference}</li>)}</ul>
        </>}
      </div>
      {source && <ModelText source={source} />}
    </div>
  )
}

/** Lines of the model shown before and after the one of the step. */
const AROUND = 5

/** The place in the model, when the page carries the file. */
function ModelText({ source }: { source: string }) {
  const { store } = useApp()
  const [, file, number] = /^(.*):(\d+)$/.exec(source) ?? []
  const text = store.texts.value[file ?? '']
  if (text === undefined) return null
  const line = Number(number) - 1
  const from = Math.max(0, line - AROUND)
  return (
    <ol class="text" aria-label={`text of ${file}`}>
      {text.split('\n').slice(from, line + AROUND + 1).map((content, i) => (
        <li key={i} value={from + i + 1} aria-current={from + i === line ? 'step' : undefined}>{content}</li>
      ))}
    </ol>
  )
}
