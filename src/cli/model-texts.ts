import { existsSync, readFileSync } from 'node:fs'
import { deflated } from '../ui/view/deflate.js'
import type { View } from '../ui/view/view.js'
import { sourceText } from './page-bundle.js'

/** A file of the model, or one of the user's own, which are where they are. */
const textOf = (file: string): string | undefined => sourceText(file) ?? (existsSync(file) ? readFileSync(file, 'utf8') : undefined)

/** The files of the model that a search or its run came through, for the page to show: JSON, compressed. */
export function modelTexts({ trace, verdict }: View): Promise<string> {
  const files = new Set([
    ...trace.steps.flatMap(({ source }) => source?.replace(/:\d+$/, '') ?? []),
    ...(verdict?.coverage.filter(({ reached }) => reached).map(({ file }) => file) ?? []),
  ])
  return deflated(JSON.stringify(Object.fromEntries([...files].map((file) => [file, textOf(file)]))))
}
