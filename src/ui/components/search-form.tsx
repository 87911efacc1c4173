import { useComputed, useSignal, useSignalEffect } from '@preact/signals'
import { DEFAULT_KERNEL, type KernelName, kernelNames } from '../../machine/kernels.js'
import { STRATEGIES, type Strategy } from '../../engine/search/strategies.js'
import { count } from '../../trace/verdict.js'
import { useApp } from '../app/context.js'
import { variantShown } from '../app/other-variant.js'
import { Select } from './select.js'

const SHOWN = 'as shown'
const COMPLETE = 'complete'
type Choice = Strategy | typeof COMPLETE
const CHOICES = ([COMPLETE, ...STRATEGIES] as const).map((name): [Choice, string] => [name, name])

/** Race, profile and kernel; and a search of them. */
export function SearchForm() {
  const { store, actions } = useApp()
  const race = useSignal('')
  const arch = useSignal('')
  const kernel = useSignal<KernelName>(DEFAULT_KERNEL)
  const variant = useSignal('')
  const strategy = useSignal<Choice>(COMPLETE)
  useSignalEffect(() => {
    const view = store.view.value
    race.value = view?.race.name ?? store.races[0]?.name ?? ''
    arch.value = view?.conditions.arch ?? 'arm64'
    kernel.value = view?.conditions.kernel ?? DEFAULT_KERNEL
    variant.value = view ? variantShown(view)?.name ?? SHOWN : 'bug'
  })
  const info = useComputed(() => store.races.find(({ name }) => name === race.value) ?? store.view.value?.race)
  const run = (): void => {
    const { revert, apply, with: values } = info.value!.variants.find(({ name }) => name === variant.value) ?? store.view.value!.conditions
    void actions.search(race.value, { arch: arch.value, kernel: kernel.value, revert, apply, with: values }, strategy.value === COMPLETE ? undefined : strategy.value)
  }
  const runnable = store.races.some(({ name }) => name === race.value)
  const variants = [...(info.value?.variants.map(({ name }) => name) ?? []), ...(variant.value === SHOWN ? [SHOWN] : [])]
  const names = [...new Set([...store.races.map(({ name }) => name), race.value])]
  const progress = store.progress.value
  return (
    <span class="group">
      <Select label="Race" value={race.value} options={names.map((name) => [name, name])} onChange={(name) => {
        race.value = name
        variant.value = 'bug'
        store.chosen.value = name === store.view.value?.race.name ? undefined : name
      }} />
      <Select label="Profile" value={arch.value} options={store.archs.map((name) => [name, name])} onChange={(name) => (arch.value = name)} />
      <Select label="Kernel" value={kernel.value} options={kernelNames.map((name) => [name, name])} onChange={(name) => (kernel.value = name)} />
      <Select label="Variant" value={variant.value} options={variants.map((name) => [name, name])} onChange={(name) => (variant.value = name)} />
      <Select label="Search" value={strategy.value} options={CHOICES}
        onChange={(name) => (strategy.value = name)} />
      {store.busy.value === undefined
        ? <button class="primary" onClick={run} disabled={!runnable}>Run</button>
        : <button onClick={() => actions.stop()}>Stop</button>}
      {store.busy.value !== undefined && (
        <span role="status" aria-label="progress">
          {store.busy.value}…{progress && ` depth ${progress.depth}  ${count(progress.states)} states`}
        </span>
      )}
      {!runnable && <span class="dim">this race is not in the page: its run can be read, not searched</span>}
    </span>
  )
}
