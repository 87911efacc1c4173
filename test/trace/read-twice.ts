import { type CellOptions, Memory } from '../../src/engine/model/memory.js'
import { atomic, load, store, type Steps } from '../../src/engine/model/step.js'
import type { Program } from '../../src/engine/program.js'

type Body = () => Steps

/** A program of two lanes over cells; `torn` is violated when both say so in `seen`. */
export function program(make: (memory: Memory) => readonly [Body, Body]): Program {
  const memory = new Memory()
  const [a, b] = make(memory)
  return { memory, threads: [{ name: 'reader', context: { lane: 'A' }, body: a }, { name: 'writer', context: { lane: 'B' }, body: b }] }
}

/** A reader that relies on reading the same twice, beside a writer. */
export const readTwice = (options?: CellOptions): Program => program((memory) => {
  const head = memory.cell('page0.compound_head', 0, options)
  const seen = memory.ghost('seen')
  memory.watch(seen, (m, _, __, after) => after > 0 && m.violate('torn', 'two reads differ'))
  return [
    function* () {
      const first = yield* load(head, { label: 'first' })
      const second = yield* load(head, { label: 'second' })
      yield* atomic('compare', (m) => m.set(seen, first === second ? 0 : 1))
    },
    function* () {
      yield* store(head, 1, { label: 'split' })
    },
  ]
})

