import { render } from 'preact'
import { profiles } from '../../machine/profiles/index.js'
import type { Race } from '../../race/race.js'
import { App } from '../components/app.js'
import { raceInfo } from '../view/view-of.js'
import { Actions } from './actions.js'
import { Client } from './client.js'
import { AppContext } from './context.js'
import { onKey } from './keys.js'
import { readPageData } from './page-data.js'
import { Store } from './store.js'

/** Puts the page into the document: first what it carries, then what the address asks for. */
export function mount(races: ReadonlyMap<string, Race>): void {
  const store = new Store([...races.values()].map(raceInfo), profiles.map(({ name }) => name))
  const actions = new Actions(store, new Client())
  const data = readPageData()
  if (data?.view) store.show(data.view)
  if (data?.message !== undefined) store.error(data.message)
  render(<AppContext value={{ store, actions }}><App /></AppContext>, document.querySelector('#page')!)
  addEventListener('keydown', (event) => onKey(event, store, actions))
  addEventListener('hashchange', () => void actions.openLink(location.hash))
  void actions.openLink(location.hash)
}
