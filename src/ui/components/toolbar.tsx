import { useSignal } from '@preact/signals'
import { useApp } from '../app/context.js'
import { copyAs, KEYS } from '../app/keys.js'
import { variantShown } from '../app/other-variant.js'
import { download } from '../app/clipboard.js'
import { COPY_FORMATS, COPY_NAMES, type CopyFormat, copyText } from '../view/copy-as.js'
import { SearchForm } from './search-form.js'
import { Select } from './select.js'

/** What can be done with the run as a whole. */
export function Toolbar() {
  const { store, actions } = useApp()
  const format = useSignal<CopyFormat>('commit')
  const view = store.view.value
  const press = (key: string) => () => void KEYS.find(({ keys }) => keys.includes(key))!.run(store, actions)
  const variant = view && (variantShown(view)?.name ?? 'run')
  const file = (): string => `${view!.race.name}-${view!.conditions.arch}-${variant}`
  return (
    <div class="toolbar" role="toolbar" aria-label="run">
      <SearchForm />
      {view && (
        <span class="group">
          <Select label="Copy as" value={format.value} options={COPY_FORMATS.map((name) => [name, COPY_NAMES[name]])}
            onChange={(value) => (format.value = value)} />
          <button onClick={() => void copyAs(store, format.value)}>Copy</button>
          <button onClick={() => download(`${file()}.${format.value === 'json' ? 'trace.json' : format.value === 'test' ? 'test.ts' : 'txt'}`,
            copyText(view, format.value))}>Download</button>
          <button onClick={press('y')}>Copy link</button>
        </span>
      )}
      <span class="group">
        <button onClick={press('u')} disabled={store.past.value.length === 0}>Undo</button>
        <button onClick={press('r')} disabled={store.future.value.length === 0}>Redo</button>
        <label class="button">
          Open trace…
          <input type="file" accept=".json,application/json" onChange={async (event) => {
            const input = event.currentTarget
            const file = input.files?.[0]
            if (file) await actions.openTrace(await file.text(), file.name)
            // Otherwise the same file, changed, could not be opened again.
            input.value = ''
          }} />
        </label>
        <button onClick={press('t')} aria-label="dark or light">◐</button>
        <button onClick={press('?')} aria-label="help" aria-expanded={store.help.value}>?</button>
      </span>
    </div>
  )
}
