import { InternalError } from '../engine/errors.js'
import { wrap } from '../trace/commit-table.js'
import { changeById } from '../kernel/changes/index.js'
import { SMALL } from '../kernel/geometry.js'
import type { Drawn } from '../hunt/drawn.js'
import { kernelLanes, laneNames, needsTlb } from '../hunt/scene.js'

/** The files of the catalogue. */
export interface CatalogueTexts {
  readonly operations: readonly string[]
  readonly states: readonly string[]
}

/** An entry of the catalogue as it stands in its file, and where its names come from. */
interface Entry {
  readonly text: string
  readonly imports: ReadonlySet<string>
}

/** The entries of a catalogue by name. They begin and end in lines of their own. */
function entriesOf(sources: readonly string[], declared: 'operation' | 'state'): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const source of sources) {
    const imports = new Set([...source.matchAll(/^import (?:type )?\{([^}]*)\}/gm)].flatMap(([, names]) => names!.split(',').map((name) => name.trim()).filter((name) => name !== '')))
    for (const [, text] of source.matchAll(new RegExp(`^  ${declared}\\(\\{\\n(.*?)^  \\}\\),$`, 'gms'))) {
      const [, name] = /name: '([^']*)'/.exec(text!) ?? []
      if (name !== undefined) entries.set(name, { text: text!, imports })
    }
  }
  return entries
}

const entryOf = (entries: ReadonlyMap<string, Entry>, name: string): Entry => {
  const entry = entries.get(name)
  if (!entry) throw new InternalError(`the source of "${name}" is not where it should be`)
  return entry
}

const lowered = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')

/** A name for the file of a scene. */
export const fileNameOf = ({ group, scene }: Drawn): string =>
  lowered(`${group.oracle} ${scene.state.name} ${scene.operations.map(({ name }) => name).join(' vs ')}`)

/** A body of a lane, which says at its end that it has come there. */
const lane = (text: string, name: string): string => {
  const run = /^    run: (.*?)^    \},$/ms.exec(text)?.[1]
  if (run === undefined) throw new InternalError(`the operation of lane ${name} is not written as the others are`)
  return `    ${quoted(name)}: ${run}      yield* reach('${name} done')\n    },`
}

const quoted = (name: string): string => (/^[a-z_$][\w$]*$/i.test(name) ? name : `'${name}'`)

const WIDTH = 130

function importLines(names: readonly string[]): string[] {
  const line = `import { ${names.join(', ')} } from 'mmrace'`
  return line.length <= WIDTH ? [line] : ['import {', ...wrap(`${names.join(', ')},`, WIDTH - 2).map((part) => `  ${part}`), "} from 'mmrace'"]
}

/** What a race finds out for itself when it is set up and run. */
const GROWING: ReadonlySet<string> = new Set(['mms', 'vmas', 'anonVmas', 'anonVmaChains'])

/** What was found out about a scene by searching it. */
export interface Tried {
  /** Of its marks, those that some run reaches. */
  readonly reached: readonly string[]
  /** What is violated on the kernel as released, if that is another. */
  readonly released: readonly string[]
}

/** The changes of a kernel that it names, without those of the user's own, which come with --change. */
const named = (ids: readonly string[]): readonly string[] => ids.filter((id) => changeById(id) !== undefined)

function variantLines({ group, conditions: { revert = [], apply = [] } }: Drawn, released: readonly string[]): string[] {
  const shown = `expect: violates('${group.oracle}', ${list(group.archs)})`
  const difference = [...(revert.length > 0 ? [`revert: ${list(revert)}`] : []), ...(named(apply).length > 0 ? [`apply: ${list(named(apply))}`] : [])]
  if (difference.length === 0) return [`    fixed: { ${shown} },`]
  const fixed = released.length > 0 ? `violates('${released[0]}', ${list(group.archs)})` : 'holds'
  return [`    fixed: { expect: ${fixed} },`, `    bug: { ${difference.join(', ')}, ${shown} },`]
}

const list = (ids: readonly string[]): string => `[${ids.map((id) => `'${id}'`).join(', ')}]`

/** The scene of a group as a race file: the state's and the operations' own source. */
export function sceneSource(drawn: Drawn, catalogue: CatalogueTexts, tried?: Tried): string {
  const { scene, conditions: { revert = [], apply = [] } } = drawn
  const { state, operations } = scene
  const names = laneNames(scene)
  const [states, all] = [entriesOf(catalogue.states, 'state'), entriesOf(catalogue.operations, 'operation')]
  const stateEntry = entryOf(states, state.name)
  const entries = operations.map(({ name }) => entryOf(all, name))
  const idle = [...kernelLanes(operations, names), ...Object.keys(state.others ?? {})]
  const threads = names.filter((name) => !idle.includes(name) && name !== state.childLane)
  const setup = /^    setup: .*?^    \},$/ms.exec(stateEntry.text)![0].replaceAll('k.mm()', idle.length > 0 && !stateEntry.text.includes('k.guest(') ? `k.mm(${threads.map((name) => `'${name}'`).join(', ')})` : 'k.mm()')
  const others = /others: \{ (.*?) \}, geometry/.exec(stateEntry.text)?.[1]
  const lanes = [...entries.map(({ text }, i) => lane(text, names[i]!)), ...(others ? [`    ${others},`] : [])]
  const sometimes = tried?.reached ?? names.map((name) => `${name} done`)
  const variants = variantLines(drawn, tried?.released ?? [])
  const body = [setup, ...lanes].join('\n')
  const used = [...new Set([stateEntry, ...entries].flatMap(({ imports }) => [...imports]))].filter((name) => new RegExp(`\\b${name.replaceAll('$', String.raw`\$`)}\\b`).test(body))
  const imports = [...used, 'race', 'reach', 'violates', ...(variants.some((line) => line.includes('expect: holds')) ? ['holds'] : [])].toSorted((a, b) => a.localeCompare(b, 'en'))
  const geometry = Object.entries(state.geometry).filter(([size, value]) => !GROWING.has(size) && value !== SMALL[size as keyof typeof SMALL]).map(([size, value]) => `${size}: ${value}`)
  const own = apply.filter((id) => changeById(id) === undefined)
  return [
    ...(own.length > 0 ? [`// Shown with ${own.join(', ')}: --change FILE, --variant ${revert.length + named(apply).length > 0 ? 'bug' : 'fixed'}.`] : []),
    ...importLines(imports), '', 'export default race({',
    `  name: '${fileNameOf(drawn)}',`,
    `  title: '${state.name}: ${operations.map(({ name }) => name).join(', ')}',`,
    ...(state.needs ? [`  needs: ${list(state.needs)},`] : []),
    ...(needsTlb(scene) ? ['  tlb: true,'] : []),
    ...(geometry.length > 0 ? [`  geometry: { ${geometry.join(', ')} },`] : []),
    ...setup.split('\n').map((line) => line.slice(2)),
    '  cpus: {', ...lanes, '  },',
    `  sometimes: ${list(sometimes)},`,
    '  variants: {', ...variants, '  },', '})', '',
  ].join('\n')
}
