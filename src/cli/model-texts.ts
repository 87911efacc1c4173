import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { deflated } from '../ui/view/deflate.js'
import type { View } from '../ui/view/view.js'

const PACKAGE = ['../../..', '../..'].map((place) => path.resolve(import.meta.dirname, place)).find((place) => existsSync(path.join(place, 'package.json')))!

/** The files of the model that a search or its run came through, for the page to show: JSON, compressed. */
export function modelTexts({ trace, verdict }: View): Promise<string> {
  const files = new Set([
    ...trace.steps.flatMap(({ source }) => source?.replace(/:\d+$/, '') ?? []),
    ...(verdict?.coverage.filter(({ reached }) => reached).map(({ file }) => file) ?? []),
  ])
  const texts = [...files].flatMap((file): [string, string][] => {
    const place = path.resolve(PACKAGE, file)
    return existsSync(place) ? [[file, readFileSync(place, 'utf8')]] : []
  })
  return deflated(JSON.stringify(Object.fromEntries(texts)))
}
