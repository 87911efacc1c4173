import { atomic, Blocked, check, fetchAdd, Memory, store } from 'mmrace/engine'

/** Two threads announce themselves and wait for the other to be out. With `turns`, Peterson's algorithm. */
export function mutualExclusion(turns: boolean) {
  const memory = new Memory()
  const wants = memory.cells('wants', 2)
  const turn = memory.cell('turn')
  const inside = memory.cell('inside')
  memory.watch(inside, (m, _, __, after) => after > 1 && m.violate('mutual exclusion', 'both are inside'))
  const thread = (me: 0 | 1) => function* () {
    const other = wants[1 - me]!
    yield* store(wants[me]!, 1)
    if (turns) yield* store(turn, 1 - me)
    yield* atomic('wait for the other', (m) =>
      m.get(other) === 0 || (turns && m.get(turn) === me) ? undefined : new Blocked('the other wants to be inside'))
    yield* fetchAdd(inside, 1)
    yield* fetchAdd(inside, -1)
    yield* store(wants[me]!, 0)
  }
  return { memory, threads: [{ name: 'A', body: thread(0) }, { name: 'B', body: thread(1) }] }
}

for (const turns of [false, true]) {
  const result = check(mutualExclusion(turns))
  console.log(`${turns ? 'with turns:   ' : 'without turns:'} ${result.verdict}`, ...(result.verdict === 'violated' ? [result.found[0].violation.message] : []))
}
