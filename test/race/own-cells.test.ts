import { expect, it } from 'vitest'
import { fetchAdd } from '../../src/engine/index.js'
import { check } from '../../src/engine/search/explore.js'
import { cell_of, change, holds, oracle, original, race, reach, sys_munmap, violates, zap_pte_range } from '../../src/index.js'
import { boot } from '../../src/race/boot.js'

const counts = change({
  id: 'counts-zaps', title: 'how many tables are zapped is counted', cells: { zaps: 0 },
  replace: [[zap_pte_range, function* (...args) {
    yield* fetchAdd(cell_of('counts-zaps', 'zaps'), 1)
    return yield* original(zap_pte_range)(...args)
  }]],
})

/** What the change counts, an oracle looks at: it is there with the change only. */
const many = oracle({ id: 'zaps', watch: (k) => {
  if (k.kernel.changes.ids.has(counts.id)) k.changes(cell_of(counts, 'zaps'), (_, __, after) => (after > 1 ? 'more than one table is zapped' : undefined))
} })

it('a change has cells of its own, and an oracle of the race’s own watches them', () => {
  const one = race({
    name: 'zaps', title: 'two tables are unmapped',
    setup: (k) => { const mm = k.mm(); k.anon(mm, { pages: 4, touched: [0, 2] }); return { mm } },
    cpus: { munmap: function* ({ mm }) { yield* sys_munmap(mm, 0, 4); yield* reach('unmapped') } },
    sometimes: ['unmapped'], oracles: [many],
    variants: { fixed: { expect: holds }, counted: { apply: [counts], expect: violates('zaps', 'all') } },
  })
  const verdictOf = (apply: readonly string[]) => {
    const result = check(boot(one, { arch: 'arm64', apply }), { all: true })
    return result.verdict === 'violated' ? result.found.map(({ violation }) => violation) : result.verdict
  }
  expect(verdictOf([])).toBe('holds')
  expect(verdictOf([counts.id])).toContainEqual({ oracle: 'zaps', message: 'more than one table is zapped' })
  expect(() => boot({ ...one, setup: () => cell_of(counts, 'zaps') }, { arch: 'arm64' })).toThrow(/no cell "zaps" on this kernel/)
})
