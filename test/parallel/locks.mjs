// A program whose threads take three locks in orders that go round, under a gate so that no run deadlocks. It is plain
// code, which Node can load in workers.
import { atomic, choose, fetchAdd, Memory } from '../../build/compiled/src/engine/index.js'

export function lockProgram(threads) {
  const memory = new Memory()
  const [gate, ...locks] = ['gate', 'a', 'b', 'c'].map((name) => memory.cell(name))
  const counts = memory.cells('count', threads)
  const cells = [gate, ...locks]
  const names = ['gate', 'a', 'b', 'c']
  const take = (i) => atomic(`lock ${names[i]}`, (m) => { m.set(cells[i], m.get(cells[i]) + 1) }, { lock: { op: 'acquire', lock: cells[i], class: names[i] } })
  const free = (i) => atomic(`unlock ${names[i]}`, (m) => { m.set(cells[i], m.get(cells[i]) - 1) }, { lock: { op: 'release', lock: cells[i] } })
  const body = (t) => function* thread() {
    for (let i = 0; i < t + 1; i++) yield* fetchAdd(counts[t], 1)
    const first = yield* choose(3)
    yield* take(0)
    yield* take(1 + first)
    yield* take(1 + ((first + 1) % 3))
    yield* free(1 + ((first + 1) % 3))
    yield* free(1 + first)
    yield* free(0)
  }
  return {
    memory, threads: Array.from({ length: threads }, (_, t) => ({ name: `thread${t}`, body: body(t) })),
    lockOrder: { oracle: 'order', interrupts: [] },
  }
}
