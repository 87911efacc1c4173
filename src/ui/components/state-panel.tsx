import { useApp } from '../app/context.js'
import { CpuCards } from './cpu-cards.js'
import { DeviceCards } from './device-cards.js'
import { FolioCards } from './folio-cards.js'
import { Locks } from './locks.js'
import { Panel } from './panel.js'
import { PinnedHistory } from './pinned-history.js'
import { RawState } from './raw-state.js'
import { StepChanges } from './step-changes.js'
import { TableTrees } from './table-trees.js'
import { Tabs } from './tabs.js'
import { TlbView } from './tlb-view.js'

/** The state after the step shown, in the pictures of memory management. */
export function StatePanel() {
  const { store } = useApp()
  const tab = store.stateTab
  return (
    <Panel name="state" title={<>State <span class="dim">after step {store.at.value}</span></>}>
      <Tabs label="state as" value={tab.value} tabs={[['picture', 'picture'], ['changes', 'changes'], ['raw', 'raw']]} onChange={(value) => (tab.value = value)} />
      <PinnedHistory />
      {tab.value === 'picture' && <>
        <TableTrees />
        <TlbView />
        <FolioCards />
        <Locks />
        <CpuCards />
        <DeviceCards />
      </>}
      {tab.value === 'changes' && <StepChanges />}
      {tab.value === 'raw' && <RawState />}
    </Panel>
  )
}
