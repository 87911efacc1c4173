import type { Store } from './store.js'

/** Puts a text on the clipboard and says so. Pages opened as files may not: then a text field to copy from is shown. */
export async function copy(store: Store, text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    store.note(`copied: ${what}`)
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    document.body.append(area)
    area.select()
    // Old, but the only way without permission.
    const done = document.execCommand('copy')
    area.remove()
    if (done) store.note(`copied: ${what}`)
    else store.error('this browser lets no page copy here; use Download')
  }
}

/** Offers a text as a file. */
export function download(name: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text]))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
