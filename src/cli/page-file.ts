import type { PageData } from '../ui/app/page-data.js'
import { pageHtml } from '../ui/page/html.js'
import type { View } from '../ui/view/view.js'
import { isFile } from './is-file.js'
import { modelTexts } from './model-texts.js'
import { pageBundle } from './page-bundle.js'

/** The page as the text of one HTML file: with nothing to show yet. */
export const emptyPage = (title: string): string => pageHtml(pageBundle(), {}, title)

/** The page with a view of a race to show. `race` is how the user named it: a race of the user's own goes with it. */
export async function pageOf(view: View, race: string, title: string): Promise<string> {
  const script = isFile(race) ? (await import('../instrument/script.js')).scriptOf(race) : undefined
  const data: PageData = { view, texts: await modelTexts(view), ...(script !== undefined && { script }) }
  return pageHtml(pageBundle(), data, title)
}
