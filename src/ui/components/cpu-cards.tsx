import { laneLetter } from '../../trace/commit-table.js'
import { useApp } from '../app/context.js'
import { objectsOf } from '../view/objects.js'

/** Fields of a CPU that hold others up, and how they are called here. */
const SECTIONS = [['irqs_off', 'interrupts off'], ['rcu_nesting', 'rcu_read_lock'], ['preempt_count', 'preemption off'],
  ['is_lazy', 'lazy TLB'], ['lazy_mmu', 'lazy MMU'], ['gp_wait', 'waits for a grace period']] as const

/** What each CPU is in the middle of. */
export function CpuCards() {
  const { store } = useApp()
  const state = store.state.value
  return (
    <div class="card">
      <h3>CPUs</h3>
      <ul aria-label="CPUs">
        {objectsOf(state, /^cpu\d+$/).map((name, i) => {
          const on = SECTIONS.filter(([field]) => !['0', undefined].includes(state.get(`${name}.${field}`)))
          return (
            <li key={name}>
              CPU {laneLetter(i)}: {on.length === 0 && <span class="dim">interrupts on, in no section</span>}
              {on.map(([field, text]) => <span key={field} class="tag" data-changed={store.changes.value.has(`${name}.${field}`)}>{text}</span>)}
            </li>
          )
        })}
      </ul>
    </div>
  )
}
