import { useApp } from '../app/context.js'

/** What the last action has to say. */
export function MessageLine() {
  const { store } = useApp()
  const message = store.message.value
  return (
    <div class="message" role={message?.kind === 'error' ? 'alert' : 'status'} aria-label="message" data-kind={message?.kind}>
      {message && <>{message.text} <button aria-label="close message" onClick={() => (store.message.value = undefined)}>×</button></>}
    </div>
  )
}
