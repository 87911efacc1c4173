import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Actions } from './actions.js'
import type { Store } from './store.js'

interface App {
  readonly store: Store
  readonly actions: Actions
}

export const AppContext = createContext<App | undefined>(undefined)

/** The store and the actions, for components. */
export function useApp(): App {
  const app = useContext(AppContext)
  if (!app) throw new Error('a component outside the page')
  return app
}
