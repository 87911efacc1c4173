import type { View } from '../view/view.js'

/** What a page carries: a run, or why it has none. */
export interface PageData {
  readonly view?: View
  /** Of the view, what is from files of the user's, as scripts: the race, changes (instrument/script.ts). */
  readonly script?: string
  /** Files of the model by name, as JSON, compressed. */
  readonly texts?: string
  readonly message?: string
}

/** Reads what the page carries, if anything. */
export function readPageData(): PageData | undefined {
  const text = document.querySelector('#mmrace-data')?.textContent
  if (!text) return undefined
  try {
    return JSON.parse(text) as PageData
  } catch {
    return { message: 'the run in this page is damaged; the file may have been changed on its way' }
  }
}
