import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { brotliDecompressSync, deflateRawSync } from 'node:zlib'
import { UserError } from '../engine/errors.js'
import { type Bundle, STARTER } from '../ui/page/html.js'
import { PACKAGE } from './package.js'

/** What the build has put into one file for the page. */
interface Packed {
  /** Texts of the model and its races by their names in the repository. */
  readonly sources: Readonly<Record<string, string>>
  readonly page: string
  readonly checker: string
  readonly style: string
}

const FILE = path.join(PACKAGE, 'dist/page.br')
let unpacked: Packed | undefined
let made: Bundle | undefined

function packed(): Packed {
  if (!unpacked && !existsSync(FILE)) throw new UserError('no-page', 'the page is not built', 'npm run build')
  return (unpacked ??= JSON.parse(brotliDecompressSync(readFileSync(FILE)).toString()) as Packed)
}

/** The built page. Throws a UserError when there is none. */
export function pageBundle(): Bundle {
  const { page, checker, style } = packed()
  return (made ??= {
    page: deflateRawSync(page, { level: 9 }), style, checker: deflateRawSync(checker, { level: 9 }),
    starterHash: hash(STARTER), pageHash: hash(page), styleHash: hash(style),
  })
}

/** The text of a file of the model. */
export const sourceText = (file: string): string | undefined => packed().sources[file]

/** The texts of all files in a folder of the model. */
export const sourcesIn = (folder: string): string[] =>
  Object.entries(packed().sources).filter(([file]) => file.startsWith(`${folder}/`)).map(([, text]) => text)

const hash = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`
