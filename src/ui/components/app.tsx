import { useApp } from '../app/context.js'
import { Bottom } from './bottom.js'
import { Help } from './help.js'
import { Here } from './here.js'
import { Interleaving } from './interleaving.js'
import { MessageLine } from './message-line.js'
import { OracleStrip } from './oracle-strip.js'
import { RaceList } from './race-list.js'
import { Splitter } from './splitter.js'
import { StatePanel } from './state-panel.js'
import { Toolbar } from './toolbar.js'
import { VerdictBar } from './verdict-bar.js'

/** The page. */
export function App() {
  const { store } = useApp()
  const [left, right] = store.columns.value
  return (
    <>
      <header>
        <VerdictBar />
        <Toolbar />
        <MessageLine />
      </header>
      {store.view.value && store.chosen.value === undefined
        ? (
          <main style={{ '--columns': `minmax(0, ${left}fr) 4px minmax(0, ${right - left}fr) 4px minmax(0, ${100 - right}fr)` }}>
            <div class="left">
              <Interleaving />
              <OracleStrip />
            </div>
            <Splitter edge={0} />
            <StatePanel />
            <Splitter edge={1} />
            <Here />
            <Bottom />
          </main>
        )
        : <main class="empty">{store.chosen.value === undefined ? <RaceList /> : <p>Choose its form above, and Run.</p>}</main>}
      {store.help.value && <Help />}
    </>
  )
}
