import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { UserError } from '../engine/errors.js'
import { scriptOf } from '../instrument/script.js'
import type { PageData } from '../ui/app/page-data.js'
import { type Bundle, pageHtml, STARTER } from '../ui/page/html.js'
import { isFile } from './races.js'

/** Where the build puts the page. Found from dist/src/cli and from src/cli. */
const PLACES = ['../../ui', '../../dist/ui'].map((place) => path.resolve(import.meta.dirname, place))

/** The page with something to show, as the text of one HTML file. */
export const pageText = (data: PageData, title: string): string => pageHtml(bundle(), data, title)

/** The race of a user's file for the page's checker, if it can be had there. */
export function ownScript(nameOrFile: string): Pick<PageData, 'script'> {
  const script = isFile(nameOrFile) ? scriptOf(nameOrFile) : undefined
  return script === undefined ? {} : { script }
}

/** The built page. Throws a UserError when there is none. */
export function bundle(): Bundle {
  const dir = PLACES.find((place) => existsSync(path.join(place, 'page.deflate')))
  if (dir === undefined) throw new UserError('no-page', 'the page is not built', 'npm run build')
  const style = readFileSync(path.join(dir, 'page.css'), 'utf8')
  const page = readFileSync(path.join(dir, 'page.deflate'))
  const checker = readFileSync(path.join(dir, 'checker.deflate')).toString('base64')
  return {
    page: page.toString('base64'), style, checker,
    starterHash: hash(STARTER), pageHash: hash(inflateRawSync(page)), styleHash: hash(style),
  }
}

const hash = (text: string | Buffer): string => `sha256-${createHash('sha256').update(text).digest('base64')}`
