import { expect, it } from 'vitest'
import { atomic, type Cell, check, load, Memory, type Steps, store } from '../../src/engine/index.js'

/** The verdict, and the values told at the end, of a thread beside one that stores 1 to `y` at any time. */
const run = (body: (x: Cell, y: Cell, tell: (v: number) => Steps<unknown>) => Steps<unknown>) => {
  const memory = new Memory()
  const [x, y, out] = [memory.cell('x'), memory.cell('y'), memory.cell('out')]
  const seen = new Set<number>()
  const r = check({ memory, threads: [{ name: 'A', body: () => body(x, y, (v) => store(out, v)) }, { name: 'B', body: () => store(y, 1) }], atEnd: (m) => void seen.add(m.get(out)) }, { all: true })
  return [r.verdict, ...[...seen].toSorted()].join()
}

it('own object mutated over steps', () => {
  expect(run(function* (x, y, tell) { const st = { n: 0, l: [0] }; st.n = yield* load(y); st.l[0] = st.n + (yield* load(x)); yield* load(x); yield* tell(st.n * 10 + st.l[0]!) })).toBe('holds,0,11')
})
it('delete of own field', () => {
  expect(run(function* (x, y, tell) { const st: { a?: number } = { a: 1 }; if (yield* load(y)) delete st.a; yield* load(x); yield* tell('a' in st ? 1 : 2) })).toBe('holds,1,2')
})
it('closure over own list in a step', () => {
  expect(run(function* (x, y, tell) { const l: number[] = []; if (yield* load(y)) l.push(5); yield* atomic('a', (m) => m.set(x, l.length)); l.push(1); yield* tell(l.length) })).toBe('holds,1,2')
})
it('nested own arrays share', () => {
  expect(run(function* (x, y, tell) { const inner = [0]; const pair = (yield* load(y)) ? [inner, inner] : [inner, [0]]; yield* load(x); pair[0]!.push(1); yield* tell(pair[1]!.length) })).toBe('holds,1,2')
})
it('const function that captures a list', () => {
  expect(run(function* (x, y, tell) { const l: number[] = []; const size = () => l.length; if (yield* load(y)) l.push(1); yield* load(x); yield* tell(size()) })).toBe('holds,0,1')
})
it('function declaration that captures', () => {
  expect(run(function* (x, y, tell) { let n = 0; function next() { return ++n } if (yield* load(y)) next(); yield* load(x); yield* tell(next()) })).toBe('holds,1,2')
})
it('object method shorthand that captures', () => {
  expect(() => run(function* (x, y, tell) { let n = 0; const o = { next() { return ++n } }; if (yield* load(y)) o.next(); yield* load(x); yield* tell(o.next()) })).toThrow()
})
it('getter', () => {
  expect(() => run(function* (x, y, tell) { let n = yield* load(y); const o = { get n() { return n } }; yield* load(x); yield* tell(o.n) })).toThrow()
})
it('string building, bigint, -0', () => {
  expect(run(function* (x, y, tell) { let s = ''; if (yield* load(y)) s += 'a'; const b = s ? 1n : 2n; yield* load(x); yield* tell(s.length + Number(b)) })).toBe('holds,2')
})
it('label on block in loop with closures per iteration', () => {
  expect(run(function* (x, y, tell) { let total = 0; for (let i = 0; i < 2; i++) { const g = () => i * 10; b: { if (yield* load(y)) break b; yield* load(x); total += 1 } total += g() } yield* tell(total) })).toBe('holds,10,11,12')
})
it('destructuring with defaults that call', () => {
  expect(run(function* (x, y, tell) { const l = [1, 2]; const { a = l.pop()!, b = l.pop()! } = (yield* load(y)) ? { a: 7 } : {} as { a?: number; b?: number }; yield* load(x); yield* tell(a * 10 + b) })).toBe('holds,21,72')
})
it('spread held', () => {
  expect(run(function* (_x, y, tell) { const l = [1]; const all = [...l, l.push(2), yield* load(y), ...l]; yield* tell(all.length * 10 + all[2]!) })).toBe('holds,50,51')
})
it('optional chains', () => {
  expect(run(function* (x, y, tell) { const o: { f?: (v: number) => number } = (yield* load(y)) ? {} : { f: Math.abs }; yield* tell(o.f?.(-(yield* load(x)) - 3) ?? 9) })).toBe('holds,3,9')
})
it('assign in a test and throw', () => {
  expect(run(function* (x, y, tell) { let v = 0; try { if ((v = yield* load(y)) === 1) throw 5; yield* load(x) } catch (e) { v += e as number } finally { yield* load(x); v *= 2 } yield* tell(v) })).toBe('holds,0,12')
})
it('for over a map of entries', () => {
  expect(run(function* (x, y, tell) { let n = 0; for (const [k, v] of new Map([[1, 10], [2, 20]])) { if (yield* load(y)) n += v; else n += k; yield* load(x) } yield* tell(n) })).toBe('holds,21,3,30')
})
it('an error kept', () => {
  expect(() => run(function* (x, y, tell) { let e: Error | undefined; try { if (yield* load(y)) throw new Error('a') } catch (x) { e = x as Error } yield* load(x); yield* tell(e ? 1 : 0) })).toThrow('not deterministic')
})
