import { useEffect, useRef } from 'preact/hooks'
import { useApp } from '../app/context.js'
import { KEYS } from '../app/keys.js'

/** The keyboard map. */
export function Help() {
  const { store } = useApp()
  const close = useRef<HTMLButtonElement>(null)
  useEffect(() => close.current?.focus(), [])
  return (
    <div class="help" role="dialog" aria-label="keyboard" aria-modal="true">
      <h2>Keyboard</h2>
      <dl>
        {KEYS.map(({ keys, does }) => <div key={does}><dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt><dd>{does}</dd></div>)}
        <div><dt><kbd>1</kbd>…<kbd>9</kbd></dt><dd>take the n-th step that can run</dd></div>
        <div><dt><kbd>Esc</kbd></dt><dd>close</dd></div>
      </dl>
      <button ref={close} onClick={() => (store.help.value = false)}>Close</button>
    </div>
  )
}
