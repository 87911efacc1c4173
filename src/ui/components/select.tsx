/** A labelled choice. */
export function Select<T extends string>({ label, value, options, onChange, disabled = false }: {
  label: string
  value: T
  options: readonly (readonly [value: T, text: string])[]
  onChange: (value: T) => void
  disabled?: boolean
}) {
  return (
    <label>
      {label}{' '}
      <select value={value} disabled={disabled} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {options.map(([option, text]) => <option key={option} value={option} selected={option === value}>{text}</option>)}
      </select>
    </label>
  )
}
