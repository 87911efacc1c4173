import { DEFAULT_KERNEL } from '../../machine/kernels.js'
import { useApp } from '../app/context.js'
import { Panel } from './panel.js'

/** Every race of the page, to start from. */
export function RaceList() {
  const { store, actions } = useApp()
  return (
    <Panel title="Races" name="races">
      <ul>
        {store.races.map(({ name, title, tags, variants }) => (
          <li key={name}>
            <b>{name}</b> <span class="dim">{tags.join(' ')}</span>
            <p>{title}</p>
            <p>
              {variants.map(({ name: variant, revert, apply, with: values }) => (
                <button key={variant} onClick={() => void actions.search(name, { arch: 'arm64', kernel: DEFAULT_KERNEL, revert, apply, with: values })}>{variant}</button>
              ))}
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
