import type { PageData } from '../app/page-data.js'
import { base85 } from './base85.js'

/** The bundle of the page as the build made it. */
export interface Bundle {
  /** The page's script, compressed. */
  readonly page: Uint8Array
  readonly style: string
  /** The checker, compressed. */
  readonly checker: Uint8Array
  /** `sha256-…` of starter, script and style, as a Content-Security-Policy names them. */
  readonly starterHash: string
  readonly pageHash: string
  readonly styleHash: string
}

/**
 * Unpacks the page's script and runs it. It stands in the page as text that its hash in the policy allows, so that
 * nothing has to be evaluated or loaded. `unpacked` gives the text of an element that `packed` made.
 */
export const STARTER = `const unpacked = async (id) => {
const { textContent, dataset } = document.getElementById(id)
const digits = textContent.replaceAll('!', '<')
const words = new DataView(new ArrayBuffer(digits.length / 5 * 4))
for (let i = 0; i < digits.length; i += 5) {
let word = 0
for (let k = 0; k < 5; k++) word = word * 85 + digits.charCodeAt(i + k) % 85
words.setUint32(i / 5 * 4, word)
}
const bytes = new Uint8Array(words.buffer, 0, Number(dataset.bytes))
return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).text()
}
unpacked('mmrace-page').then((text) => {
const script = document.createElement('script')
script.textContent = text
document.body.append(script)
})`

const packed = (id: string, bytes: Uint8Array): string =>
  `<script type="text/plain" id="${id}" data-bytes="${bytes.length}">${base85(bytes)}</script>`

/**
 * What the page may do: run its own script and style, known by their hashes, start its checker as a worker made from
 * the script's text, and compile WebAssembly. Nothing is loaded and nothing sent.
 */
export const policy = ({ starterHash, pageHash, styleHash }: Bundle): string => [
  "default-src 'none'",
  `script-src '${starterHash}' '${pageHash}' 'wasm-unsafe-eval'`,
  `style-src '${styleHash}'`,
  'worker-src blob:',
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** The page in one file. `data` is what it shows at first. */
export function pageHtml(bundle: Bundle, data: PageData, title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="mmrace">
<meta http-equiv="Content-Security-Policy" content="${policy(bundle)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${bundle.style}</style>
</head>
<body>
<div id="page"><noscript>This page shows a run of mmrace and needs JavaScript.</noscript></div>
<script type="application/json" id="mmrace-data">${jsonText(data)}</script>
${packed('mmrace-checker', bundle.checker)}
${packed('mmrace-page', bundle.page)}
<script>${STARTER}</script>
</body>
</html>
`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** A text as HTML. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (c) => ENTITIES[c]!)

/** JSON that cannot end the element it stands in. */
const jsonText = (data: PageData): string => JSON.stringify(data).replaceAll('<', '\\u003c')
