import { useApp } from '../app/context.js'
import type { Tab } from '../app/store.js'
import { Compare } from './compare.js'
import { Orders } from './orders.js'
import { Runs } from './runs.js'
import { SearchStats } from './search-stats.js'
import { Source } from './source.js'
import { Tabs } from './tabs.js'

const TABS: readonly (readonly [Tab, string])[] =
  [['orders', 'needed orders'], ['compare', 'compare'], ['source', 'source'], ['search', 'search'], ['runs', 'other runs']]

/** What is not about one state: orders, the other kernel, the source, the search, other runs. */
export function Bottom() {
  const { store } = useApp()
  const tab = store.tab.value
  return (
    <section class="panel bottom" aria-label="more">
      <Tabs label="more" value={tab} tabs={TABS} onChange={(value) => (store.tab.value = value)} />
      {tab === 'orders' && <Orders />}
      {tab === 'compare' && <Compare />}
      {tab === 'source' && <Source />}
      {tab === 'search' && <SearchStats />}
      {tab === 'runs' && <Runs />}
    </section>
  )
}
