import { format_word } from '../../kernel/include/format_word.js'
import { word_pfn } from '../../machine/pte.js'
import { GUP_PIN_COUNTING_BIAS } from '../../kernel/include/page.js'
import type { State } from './state-at.js'

/** An entry of a page table. */
export interface Entry {
  readonly cell: string
  readonly index: number
  readonly value: string
  /** What it points to, if that is a table. */
  readonly table: Table | undefined
}

export interface Table {
  readonly name: string
  readonly entries: readonly Entry[]
  /** 0 in the model's own mark: the table has been freed. */
  readonly freed: boolean
}

const ENTRY = /^(\w+)\.(pmd|pte|pud|pgd)\[(\d+)\]$/

/** The page tables as trees, one for each address space that has any entry; then freed tables that still hold entries. */
export function tableTrees(state: State): Table[] {
  const byTable = new Map<string, { cell: string; index: number; value: string }[]>()
  for (const [cell, value] of state) {
    const match = ENTRY.exec(cell)
    if (match) byTable.set(match[1]!, [...(byTable.get(match[1]!) ?? []), { cell, index: Number(match[3]), value }])
  }
  const linked = new Set<string>()
  const table = (name: string): Table => ({
    name,
    freed: state.get(`${name}.table`) === '0' && !name.startsWith('mm'),
    entries: byTable.get(name)!.map((entry) => {
      const below = /^table\d+$/.exec(entry.value)?.[0]
      if (below === undefined || !byTable.has(below)) return { ...entry, table: undefined }
      linked.add(below)
      return { ...entry, table: table(below) }
    }),
  })
  const roots = [...byTable.keys()].filter((name) => !name.startsWith('table')).map((name) => table(name))
  const loose = [...byTable.keys()].filter((name) => name.startsWith('table') && !linked.has(name)).map((name) => table(name))
  const used = ({ entries, freed, name }: Table): boolean => entries.some(({ value }) => value !== 'none') || (!freed && !name.startsWith('mm'))
  return [...roots.filter((t) => used(t) || roots.length === 1), ...loose.filter((t) => used(t))]
}

export interface FolioCard {
  readonly name: string
  readonly refs: number
  readonly pins: number
  /** Mappings by PTEs and PMDs. */
  readonly maps: number
  readonly flags: readonly string[]
  readonly content: string
}

/** Page frames that are in use. A pin of an order-0 page counts as 1,024 references (GUP_PIN_COUNTING_BIAS). */
export function folioCards(state: State): FolioCard[] {
  return objectsOf(state, /^page\d+$/).map((name) => {
    const number = (field: string): number => Number(state.get(`${name}.${field}`) ?? 0)
    const refs = number('_refcount')
    return {
      name,
      refs: refs % GUP_PIN_COUNTING_BIAS,
      pins: Math.floor(refs / GUP_PIN_COUNTING_BIAS) + number('compound_pincount'),
      maps: number('_mapcount') + number('compound_mapcount') + 2,
      flags: (state.get(`${name}.flags`) ?? '0').split('|').filter((flag) => flag !== '0'),
      content: state.get(`${name}.content`) ?? '',
    }
  }).filter(({ refs, pins, maps, flags }) => (refs > 0 || pins > 0 || maps > 0) && !flags.includes('reserved'))
}

export interface Translations {
  /** A CPU, an IOMMU, a device. */
  readonly agent: string
  readonly kind: string
  /** `mm0:2`: the address space and the page number. */
  readonly address: string
  /** Entries that may still be cached although the tables say something else. */
  readonly stale: readonly string[]
}

const CACHE = /^(.+)\.(tlb|walk\d|ahead)\[(.+?)\]\.word\[\d+\]$/

/** What each agent's TLB and walk caches may hold beside what the tables say now. */
export function translations(state: State): Translations[] {
  const found = new Map<string, { agent: string; kind: string; address: string; stale: string[] }>()
  for (const [cell, value] of state) {
    const match = CACHE.exec(cell)
    if (!match) continue
    const [, agent, kind, address] = match as unknown as [string, string, string, string]
    const key = `${agent} ${kind} ${address}`
    if (!found.has(key)) found.set(key, { agent, kind, address, stale: [] })
    if (value !== '0') found.get(key)!.stale.push(kind.startsWith('walk') ? `table${word_pfn(Number(value)) - 1}` : format_word(Number(value)))
  }
  return [...found.values()]
}

/** The names of objects of one kind: what stands before the first dot of a cell's name. */
export const objectsOf = (state: State, kind: RegExp): string[] =>
  [...new Set([...state.keys()].map((cell) => cell.slice(0, cell.indexOf('.'))))].filter((name) => kind.test(name))

/** Fields of an object that are not 0. */
export const fieldsOf = (state: State, object: string): (readonly [field: string, value: string])[] =>
  [...state].filter(([cell]) => cell.startsWith(`${object}.`)).map(([cell, value]) => [cell.slice(object.length + 1), value] as const)
