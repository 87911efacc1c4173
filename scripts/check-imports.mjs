// Imports point one way (CONTRIBUTING.md, "Layout"). This names every import that points the other way.
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** What each room may import from, besides itself. */
const ALLOWED = {
  engine: [],
  exports: ['kernel', 'machine'],
  litmus: ['machine', 'engine'],
  weak: ['litmus', 'machine', 'engine'],
  machine: ['engine'],
  kernel: ['machine', 'engine'],
  oracles: ['kernel', 'machine', 'engine'],
  race: ['oracles', 'kernel', 'machine', 'engine'],
  hunt: ['trace', 'race', 'oracles', 'kernel', 'machine', 'engine'],
  trace: ['race', 'oracles', 'kernel', 'machine', 'engine'],
  report: ['trace', 'race', 'oracles', 'kernel', 'machine', 'engine'],
  library: ['trace', 'race', 'oracles', 'kernel', 'machine', 'engine'],
  testing: ['library', 'cli', 'trace', 'race', 'oracles', 'kernel', 'machine', 'engine', 'instrument'],
  fidelity: ['race', 'oracles', 'kernel', 'machine', 'engine'],
  parallel: ['engine'],
  instrument: [],
  cli: ['report', 'hunt', 'ui', 'parallel', 'fidelity', 'weak', 'litmus', 'trace', 'race', 'oracles', 'kernel', 'machine', 'engine', 'instrument'],
  ui: ['trace', 'race', 'oracles', 'kernel', 'machine', 'engine'],
}
/** Rooms that also run in the page: nothing of Node in them. */
const BROWSER = new Set(['engine', 'litmus', 'weak', 'machine', 'kernel', 'oracles', 'race', 'trace', 'hunt', 'ui', 'library', 'report'])

const problems = []
for (const room of readdirSync('src', { withFileTypes: true }).filter((e) => e.isDirectory())) {
  const allowed = ALLOWED[room.name]
  if (!allowed) {
    problems.push(`src/${room.name}: no rule for this room; add it to scripts/check-imports.mjs`)
    continue
  }
  for (const file of readdirSync(`src/${room.name}`, { recursive: true })) {
    if (!/\.tsx?$/.test(file) || file.includes('assembly')) continue
    const here = path.join('src', room.name, file)
    for (const [, target] of readFileSync(here, 'utf8').matchAll(/^(?:import|export)[^'"]*?['"]([^'"]+)['"]/gms)) {
      if (target.startsWith('node:') && BROWSER.has(room.name)) problems.push(`${here}: imports ${target}`)
      if (!target.startsWith('.')) continue
      const [top, to] = path.relative('.', path.join(path.dirname(here), target)).split(path.sep)
      if (top !== 'src' || (to !== room.name && !allowed.includes(to))) problems.push(`${here}: imports ${target}`)
    }
  }
}
for (const p of problems) console.error(p)
process.exit(problems.length ? 1 : 0)
