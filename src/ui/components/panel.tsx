import type { ComponentChildren } from 'preact'

/** A titled part of the page, a landmark for those who do not see it. */
export function Panel({ title, name, children }: { title: ComponentChildren; name: string; children: ComponentChildren }) {
  const id = `panel-${name}`
  return (
    <section class={`panel ${name}`} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}
