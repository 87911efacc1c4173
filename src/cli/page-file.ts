import type { PageData } from '../ui/app/page-data.js'
import { grownSizes, needs } from '../race/growing.js'
import { type Race, withBothForms } from '../race/race.js'
import { pageHtml } from '../ui/page/html.js'
import type { View } from '../ui/view/view.js'
import { isFile } from './is-file.js'
import { modelTexts } from './model-texts.js'
import { ownChanges } from './own-changes.js'
import { pageBundle } from './page-bundle.js'
import { loadRace } from './races.js'

/** The page as the text of one HTML file: with nothing to show yet. */
export const emptyPage = (title: string): string => pageHtml(pageBundle(), {}, title)

/** The page with a view of a race to show. `race` is how the user named it: a race of the user's own goes with it, and so do files with changes. */
export async function pageOf(view: View, race: string, title: string, changes: readonly string[] = []): Promise<string> {
  const script = isFile(race) || changes.length > 0 ? await scriptFor(view.race.name, race, changes) : undefined
  const data: PageData = { view, texts: await modelTexts(view), ...(script !== undefined && { script }) }
  return pageHtml(pageBundle(), data, title)
}

/** The race as a page has it that carries files with changes: each variant as it is, and with them. */
export async function racePaged(race: Race, name: string, changes: readonly string[] = []): Promise<Race> {
  if (changes.length === 0) return race
  const paged = withBothForms(await loadRace(name), await ownChanges(changes))
  needs(paged, grownSizes(race))
  return paged
}

/** Nothing where a file needs what a page has not: then there is the run to look at, and no search. */
async function scriptFor(name: string, race: string, changes: readonly string[]): Promise<string | undefined> {
  const { changeScriptOf, scriptOf } = await import('../instrument/script.js')
  const scripts = [...(isFile(race) ? [scriptOf(race)] : []), ...changes.map((file) => changeScriptOf(file, name))]
  return scripts.includes(undefined) ? undefined : scripts.join('\n')
}
