import {
  dma_write, type Driver, locked, type MmuNotifierRange, type Page, put_page, reach, type SecondaryMmu, type Steps, zap_sptes,
} from 'mmrace'

/** The memory of a module: its text, and what belongs to each subscription. That it is in use shows in a write. */
export interface ModuleMemory { readonly text: Page; readonly own: readonly Page[] }

function* invalidate(mmu: SecondaryMmu, { text, own }: ModuleMemory, { start, end }: MmuNotifierRange): Steps {
  yield* dma_write(text, 1)
  yield* zap_sptes(mmu, start, end)
  yield* dma_write(own[mmu.index]!, 1)
}

function* free_notifier({ index }: SecondaryMmu, { text, own }: ModuleMemory): Steps {
  yield* dma_write(text, 1)
  yield* put_page(own[index]!)
  yield* reach('freed')
}

/** A driver whose subscriptions come and go with mmu_notifier_get() and mmu_notifier_put(). */
export const counted = (memory: ModuleMemory): Driver => (mmu) => ({
  invalidate_range_start: locked(mmu.mmu_lock, (range: MmuNotifierRange) => invalidate(mmu, memory, range)),
  free_notifier: () => free_notifier(mmu, memory),
})
