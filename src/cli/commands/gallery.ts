import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { checkRace, conditionsOf } from '../../race/check.js'
import type { Race } from '../../race/race.js'
import { type GalleryEntry, galleryHtml } from '../../ui/page/gallery.js'
import { viewWithOrders } from '../../ui/view/view-of.js'
import { drive } from '../drive.js'
import { Exit } from '../exit-codes.js'
import { pageOf } from '../page-file.js'
import { type Print } from '../print.js'
import { checkFolder, checkTarget } from '../target-file.js'
import { ProgressLine } from '../progress.js'
import { builtInRaces, loadRace } from '../races.js'

/** `mmrace gallery`: a static site of races, each with its bug and its fix. */
export function addGallery(program: Command, print: Print, signal: AbortSignal): void {
  program.command('gallery').description('write a static site of races')
    .argument('<dir>', 'where to; made if need be')
    .argument('[race...]', 'names or files (default all that come with mmrace)')
    .option('--arch <name>', 'profile', 'arm64')
    .action(async (dir: string, names: string[], { arch }: { arch: string }) => {
      const races = await Promise.all((names.length > 0 ? names : builtInRaces()).map(async (name) => ({ name, race: await loadRace(name) })))
      checkFolder(dir)
      for (const file of ['index.html', ...races.flatMap(({ race }) => Object.keys(race.variants).map((variant) => fileOf(race, variant)))]) checkTarget(path.join(dir, file), 'page')
      const entries: GalleryEntry[] = []
      for (const { name, race } of races) entries.push(...await pagesOf(name, race, arch, dir, signal))
      writeFileSync(path.join(dir, 'index.html'), galleryHtml(entries, arch))
      print(`${path.join(dir, 'index.html')}: ${entries.length} pages`)
      if (signal.aborted) process.exitCode = Exit.interrupted
    })
}

/** Variants may be called as they like; files may not. */
const fileOf = (race: Race, variant: string): string => `${race.name}.${variant.replaceAll(/[^\w.-]/g, '_')}.html`

/** Writes a page for each variant of a race. */
async function pagesOf(name: string, race: Race, arch: string, dir: string, signal: AbortSignal): Promise<GalleryEntry[]> {
  const entries: GalleryEntry[] = []
  for (const [variant, declared] of Object.entries(race.variants)) {
    if (signal.aborted) break
    const outcome = await drive(checkRace(race, conditionsOf(declared, arch), { signal }), new ProgressLine(`${race.name} ${variant}`))
    const view = await drive(viewWithOrders(outcome))
    const file = fileOf(race, variant)
    writeFileSync(path.join(dir, file), await pageOf(view, name, `${race.name} (${variant})`))
    entries.push({ file, variant, because: declared.because, view })
  }
  return entries
}
