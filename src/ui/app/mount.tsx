import { render } from 'preact'
import { App } from '../components/app.js'
import { inflated } from '../view/deflate.js'
import type { Catalogue } from '../view/catalogue.js'
import { Actions } from './actions.js'
import { Client } from './client.js'
import { AppContext } from './context.js'
import { onKey } from './keys.js'
import { readPageData } from './page-data.js'
import { Store } from './store.js'

/** Puts the page into the document: first what it carries, then what the address asks for. */
export function mount({ races, archs }: Catalogue): void {
  const data = readPageData()
  const own = data?.script !== undefined && data.view ? [data.view.race] : []
  const others = races.filter(({ name }) => own.every((one) => one.name !== name))
  const store = new Store([...own, ...others], archs)
  const actions = new Actions(store, new Client(data?.script))
  if (data?.view) store.show(data.view)
  if (data?.message !== undefined) store.error(data.message)
  render(<AppContext value={{ store, actions }}><App /></AppContext>, document.querySelector('#page')!)
  addEventListener('keydown', (event) => onKey(event, store, actions))
  addEventListener('hashchange', () => void actions.openLink(location.hash))
  void actions.openLink(location.hash)
  if (data?.texts !== undefined) void inflated(data.texts).then((text) => (store.texts.value = JSON.parse(text) as Record<string, string>))
}
