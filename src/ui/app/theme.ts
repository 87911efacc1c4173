const root = (): DOMStringMap => document.documentElement.dataset

/** Dark if the page is light now, and the other way round. */
export function toggleTheme(): void {
  const dark = root()['theme'] === 'dark' || (root()['theme'] === undefined && matchMedia('(prefers-color-scheme: dark)').matches)
  root()['theme'] = dark ? 'light' : 'dark'
}
