import type { View } from '../view/view.js'
import { escaped } from './html.js'

/** A page of the gallery. */
export interface GalleryEntry {
  readonly file: string
  readonly variant: string
  readonly because: string | undefined
  readonly view: View
}

/** The page that links to the others: a section for each race, a line for each kernel. */
export function galleryHtml(entries: readonly GalleryEntry[], arch: string): string {
  const races = [...new Map(entries.map(({ view: { race } }) => [race.name, race])).values()]
  const sections = races.map((race) => `<section>
<h2>${escaped(race.name)} <small>${escaped(race.tags.join(' '))}</small></h2>
<p>${escaped(race.title)}</p>
<ul>
${entries.filter(({ view }) => view.race.name === race.name).map((entry) => line(entry)).join('\n')}
</ul>
</section>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="mmrace">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>mmrace: races</title>
<style>
:root { color-scheme: light dark } body { font: 15px/1.5 system-ui, sans-serif; max-width: 60em; margin: 1em auto; padding: 0 1em }
h2 { font-size: 1em; margin-bottom: 0 } p { margin: .2em 0 } small { font-weight: normal }
</style>
</head>
<body>
<h1>Races, on ${escaped(arch)}</h1>
${sections.join('\n')}
</body>
</html>
`
}

const line = ({ file, variant, because, view }: GalleryEntry): string =>
  `<li><a href="${escaped(encodeURI(file))}">${escaped(variant)}</a>: ${escaped(view.verdict?.headline ?? '')}${because === undefined ? '' : ` <small>(${escaped(because)})</small>`}</li>`
