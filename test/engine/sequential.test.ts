import { expect, it } from 'vitest'
import { Memory } from '../../src/engine/model/memory.js'
import { Sequential } from '../../src/engine/model/sequential.js'
import { load, store, type Steps } from '../../src/engine/model/step.js'
const m = new Memory(); const x = m.cell('x', 4)
function* inc(by: number): Steps<number> { const v = yield* load(x); yield* store(x, v + by); return v }
function* main(): Steps { for (let i = 0; i < 3; i++) { const k: number = yield* inc(i); yield* store(x, k) } }
it('runs calls and loops to their end', () => { const s = new Sequential(m); s.run(main()); expect(s.get(x)).toBe(4) })
