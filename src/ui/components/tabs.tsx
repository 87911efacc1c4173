/** A row of tabs; what they show is up to the caller. */
export function Tabs<T extends string>({ label, value, tabs, onChange }: {
  label: string
  value: T
  tabs: readonly (readonly [value: T, text: string])[]
  onChange: (value: T) => void
}) {
  const move = (by: number): void => {
    const i = tabs.findIndex(([tab]) => tab === value)
    onChange(tabs[(i + by + tabs.length) % tabs.length]![0])
  }
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={(event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
      if (by === undefined) return
      event.stopPropagation()
      event.preventDefault()
      move(by)
      const list = event.currentTarget
      requestAnimationFrame(() => list.querySelector<HTMLElement>('[aria-selected=true]')?.focus())
    }}>
      {tabs.map(([tab, text]) => (
        <button key={tab} role="tab" aria-selected={tab === value} tabIndex={tab === value ? 0 : -1} onClick={() => onChange(tab)}>{text}</button>
      ))}
    </div>
  )
}
