import { useApp } from '../app/context.js'
import { translations } from '../view/objects.js'

/** What TLBs and walk caches may still hold although the tables say something else. */
export function TlbView() {
  const { store } = useApp()
  const all = translations(store.state.value)
  if (all.length === 0) return null
  const agents = [...new Set(all.map(({ agent }) => agent))]
  return (
    <div class="card">
      <h3>TLBs and walk caches</h3>
      <table>
        <thead><tr><th scope="col">holder</th><th scope="col">may still use</th></tr></thead>
        <tbody>
          {agents.map((agent) => {
            const stale = all.filter((entry) => entry.agent === agent && entry.stale.length > 0)
            return (
              <tr key={agent}>
                <th scope="row">{agent}</th>
                <td>
                  {stale.length === 0 && <span class="dim">what the tables say</span>}
                  {stale.map(({ kind, address, stale }) => (
                    <div key={kind + address}>{kind} {address}: {stale.map((word) => <span key={word} class="tag bad">⚠ stale {word}</span>)}</div>
                  ))}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
