import { addUnlessZero, atomic, fetchAdd, load, Memory, type Program, type Steps, store } from 'mmrace/engine'

/** The benchmark scenario: a collapser and `walkers` lockless walkers over `ptes` entries, with or without the fix. */
export function scenario(walkers: number, ptes: number, fix: boolean): Program {
  const memory = new Memory()
  const pmd = memory.cell('pmd', 1)
  const each = [...Array(ptes).keys()]
  const pte = each.map((i) => memory.cell(`pte${i}`, i + 1))
  const ref = each.map((i) => memory.cell(`ref${i}`, 1))
  const freed = each.map((i) => memory.cell(`freed${i}`))
  const gen = each.map((i) => memory.cell(`gen${i}`))
  const huge = each.map((i) => memory.cell(`huge${i}`))

  function* put(i: number): Steps {
    if ((yield* fetchAdd(ref[i]!, -1)) === 1) yield* store(freed[i]!, 1)
  }

  function* isolate(): Steps<boolean> {
    for (let i = 0; i < ptes; i++) if ((yield* load(ref[i]!)) !== 1) return false
    return true
  }

  function* collapse(): Steps {
    for (let i = 0; i < ptes; i++) yield* store(huge[i]!, yield* load(gen[i]!))
    for (let i = 0; i < ptes; i++) {
      yield* store(pte[i]!, 0)
      yield* put(i)
    }
  }

  function* collapser(): Steps {
    yield* store(pmd, 0)
    if (!(yield* isolate())) return yield* store(pmd, 1)
    yield* collapse()
    yield* store(pmd, 2)
  }

  function* walker(i: number): Steps {
    const p = yield* load(pmd)
    if (p !== 1) return
    const e = yield* load(pte[i]!)
    if (e === 0) return
    if (!(yield* addUnlessZero(ref[i]!, 1))) return
    if ((yield* load(pte[i]!)) !== e) return yield* put(i)
    if (fix && (yield* load(pmd)) !== p) return yield* put(i)
    const g = yield* load(gen[i]!)
    yield* atomic('gen = g + 1', (m) => {
      if (m.get(freed[i]!) === 1) m.violate('freed', 'write to a freed page')
      m.set(gen[i]!, g + 1)
    })
    return yield* put(i)
  }

  return {
    memory,
    threads: [
      { name: 'collapser', body: () => collapser() },
      ...[...Array(walkers).keys()].map((w) => ({ name: `walker${w}`, body: () => walker(w % ptes), symmetry: 'walker' })),
    ],
    atEnd: (m) => {
      if (m.get(pmd) !== 2) return
      for (const i of each) if (m.get(huge[i]!) !== m.get(gen[i]!)) m.violate('lost-write', `huge${i} lacks the last write`)
    },
  }
}
