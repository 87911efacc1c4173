import { useApp } from '../app/context.js'
import { Bottom } from './bottom.js'
import { Help } from './help.js'
import { Here } from './here.js'
import { Interleaving } from './interleaving.js'
import { MessageLine } from './message-line.js'
import { OracleStrip } from './oracle-strip.js'
import { RaceList } from './race-list.js'
import { StatePanel } from './state-panel.js'
import { Toolbar } from './toolbar.js'
import { VerdictBar } from './verdict-bar.js'

/** The page. */
export function App() {
  const { store } = useApp()
  return (
    <>
      <header>
        <VerdictBar />
        <Toolbar />
        <MessageLine />
      </header>
      {store.view.value
        ? (
          <main>
            <div class="left">
              <Interleaving />
              <OracleStrip />
            </div>
            <StatePanel />
            <Here />
            <Bottom />
          </main>
        )
        : <main class="empty"><RaceList /></main>}
      {store.help.value && <Help />}
    </>
  )
}
