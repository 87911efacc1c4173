import { useApp } from '../app/context.js'

/** Locks that are held or waited for. */
export function Locks() {
  const { store } = useApp()
  const locks = store.locks.value
  return (
    <div class="card">
      <h3>locks</h3>
      {locks.length === 0 && <p class="dim">none held</p>}
      <ul aria-label="locks">
        {locks.map(({ cell, value, owners, waiters }) => (
          <li key={cell}>
            {cell}{value === '-1' && ' (write)'}{Number(value) > 1 && ` (${value} readers)`}: {owners.join(', ') || 'set-up'}
            {waiters.length > 0 && <span class="tag bad">⏸ {waiters.join(', ')} waits</span>}
          </li>
        ))}
      </ul>
    </div>
  )
}
