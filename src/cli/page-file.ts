import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { UserError } from '../engine/errors.js'
import type { PageData } from '../ui/app/page-data.js'
import { type Bundle, pageHtml } from '../ui/page/html.js'

/** Where the build puts the page. Found from dist/src/cli and from src/cli. */
const PLACES = ['../../ui', '../../dist/ui'].map((place) => path.resolve(import.meta.dirname, place))

/** The page with something to show, as the text of one HTML file. */
export const pageText = (data: PageData, title: string): string => pageHtml(bundle(), data, title)

/** The built page. Throws a UserError when there is none. */
export function bundle(): Bundle {
  const dir = PLACES.find((place) => existsSync(path.join(place, 'page.js')))
  if (dir === undefined) throw new UserError('no-page', 'the page is not built', 'npm run build')
  const script = readFileSync(path.join(dir, 'page.js'), 'utf8')
  const style = readFileSync(path.join(dir, 'page.css'), 'utf8')
  const checker = readFileSync(path.join(dir, 'checker.deflate')).toString('base64')
  return { script, style, checker, scriptHash: hash(script), styleHash: hash(style) }
}

const hash = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`
