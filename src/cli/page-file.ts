import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { UserError } from '../engine/errors.js'
import type { PageData } from '../ui/app/page-data.js'
import { type Bundle, pageHtml, STARTER } from '../ui/page/html.js'
import type { View } from '../ui/view/view.js'
import { modelTexts } from './model-texts.js'
import { isFile } from './races.js'

/** Where the build puts the page. Found from dist/src/cli and from src/cli. */
const PLACES = ['../../ui', '../../dist/ui'].map((place) => path.resolve(import.meta.dirname, place))

/** The page as the text of one HTML file: with nothing to show yet. */
export const emptyPage = (title: string): string => pageHtml(bundle(), {}, title)

/** The page with a view of a race to show. `race` is how the user named it: a race of the user's own goes with it. */
export async function pageOf(view: View, race: string, title: string): Promise<string> {
  const script = isFile(race) ? (await import('../instrument/script.js')).scriptOf(race) : undefined
  const data: PageData = { view, texts: await modelTexts(view), ...(script !== undefined && { script }) }
  return pageHtml(bundle(), data, title)
}

/** The built page. Throws a UserError when there is none. */
export function bundle(): Bundle {
  const dir = PLACES.find((place) => existsSync(path.join(place, 'page.deflate')))
  if (dir === undefined) throw new UserError('no-page', 'the page is not built', 'npm run build')
  const style = readFileSync(path.join(dir, 'page.css'), 'utf8')
  const page = readFileSync(path.join(dir, 'page.deflate'))
  const checker = readFileSync(path.join(dir, 'checker.deflate'))
  return {
    page, style, checker,
    starterHash: hash(STARTER), pageHash: hash(inflateRawSync(page)), styleHash: hash(style),
  }
}

const hash = (text: string | Buffer): string => `sha256-${createHash('sha256').update(text).digest('base64')}`
