import { describe, expect, it } from 'vitest'
import { instrument } from '../../src/instrument/instrument.js'

/** The call that a text which starts with `yield* ` yields. */
const yielded = (text: string): string => {
  const call = text.slice('yield* '.length)
  let depth = 0
  for (let i = 0; ; i++) {
    if (call[i] === '(') depth++
    if (call[i] === ')' && --depth === 0) return call.slice(0, i + 1)
  }
}

/** What each `yield*` of `function* f` reports as live, in the order of the source, by the text of what it yields. */
const live = (body: string, params = 'a, b, c'): string[] => {
  const source = `let outer = 0; const folio = { a: [] }; const seen = []; const helper = () => outer++; const clock = performance.now, { random: chance } = Math; export function* f(${params}) {\n${body}\n}`
  const { code } = instrument(source, { filename: '/model.ts', typescript: true, runtime: 'runtime' })
  const sites = [...code.matchAll(/, _siteOf\((\d+), (\d+)[^)]*\), \[([^\]]*)\], \[[^\]]*\]\)/g)]
  return sites.map(([, line, column, names]) =>
    `${yielded(source.split('\n')[Number(line) - 1]!.slice(Number(column) - 1))}: ${names}`).toSorted()
}

describe('what is live after a yield', () => {
  it.each<[name: string, body: string, expected: string[]]>([
    ['what is read later', 'yield* p(); use(a)', ['p(): a']],
    ['not what is written first', 'yield* p(); a = 1; use(a)', ['p(): ']],
    ['not the variable that takes the result', 'let x = 1; x = yield* p(); use(x)', ['p(): ']],
    ['what an operator still holds', 'return a + (yield* p())', ['p(): a']],
    ['results that an operator still holds', 'return (yield* p()) + (yield* q())', ['p(): ', 'q(): _result']],
    ['not a result that has become an operand', 'yield* store(a, yield* p())', ['p(): a', 'store(a, yield* p()): ']],
    ['not a left side that has been decided', 'if ((yield* p()) && (yield* q())) use(a)', ['p(): a', 'q(): a']],
    ['both branches', 'yield* p(); if (a) use(b); else use(c)', ['p(): a, b, c']],
    ['past a branch that writes', 'yield* p(); if (a) b = 1; use(b)', ['p(): a, b']],
    ['around a loop', 'while (a) { yield* p(); use(b) }', ['p(): a, b']],
    ['not around a loop what it declares', 'while (a) { const x = yield* p(); yield* q(); use(x) }', ['p(): a', 'q(): a, x']],
    ['what a condition writes', 'let x; while ((x = yield* p()) !== a) yield* q(); use(x)', ['p(): a', 'q(): a']],
    ['continue and break with labels',
      'o: for (;;) { for (;;) { yield* p(); if (a) continue o; if (b) break o } } use(c)', ['p(): a, b, c']],
    ['a break that skips a write', 'for (;;) { yield* p(); if (a) break; b = 1; } use(b)', ['p(): a, b']],
    ['switch with fall-through', 'yield* p(); switch (a) { case 0: b = 1; case 1: use(b); break; default: use(c) }',
      ['p(): a, b, c']],
    ['the handler', 'try { yield* p(); a = 1; danger() } catch { use(a) }', ['p(): a']],
    ['the finally block', 'try { yield* p(); if (c) return b } finally { use(a) }', ['p(): a, b, c']],
    ['what closures capture', 'const g = () => a + b; yield* p(); g()', ['p(): a, b']],
    ['not a closure that is not called again', 'yield* atomic(() => a)', ['atomic(() => a): ']],
    ['the position in for-of', 'for (const x of a) { yield* p(x); use(b) }', ['p(x): _index, _items, b']],
    ['the position in for-in', 'for (const x in a) { yield* p(x); use(b) }', ['p(x): _index, _items, b']],
    ['what was taken from a list', 'return a.pop() + (yield* p())', ['p(): _told(_held), a']],
    ['a shadowed variable', 'let x = 1; { let x = 2; yield* p(); use(x) } use(x)', ['p(): _x, x']],
    ['compound assignment', 'a += yield* p(); use(a)', ['p(): a']],
    ['conditional assignment', 'a ??= yield* p(); use(a)', ['p(): ']],
    ['optional calls', 'yield* p(); a?.(b = 1); use(b)', ['p(): a, b']],
    ['past what may not be evaluated', 'yield* p(); a && (b = 1); use(b)', ['p(): a, b']],
    ['past either side', 'yield* p(); a ? (b = 1) : c; use(b)', ['p(): a, b, c']],
    ['past a conditional assignment', 'yield* p(); a ??= (b = 1); use(b)', ['p(): a, b']],
    ['continue to an outer loop', 'o: while (a) for (;;) { yield* p(); if (b) continue o; break o }', ['p(): a, b']],
    ['continue', 'while (a) { yield* p(); if (b) continue; break }', ['p(): a, b']],
    ['a break through finally', 'for (;;) { try { yield* p(); if (a) break } finally { f() } b = 1 } use(b)', ['p(): a, b']],
    ['around do-while', 'do { use(b); yield* p() } while (a)', ['p(): a, b']],
    ['do-while', 'do { yield* p() } while (a--)', ['p(): a']],
    ['return in the middle', 'yield* p(); if (a) return; use(b); return yield* q()', ['p(): a, b', 'q(): ']],
    ['parts of patterns', 'yield* p(); const { x = b, [c]: y } = a; use(x, y)', ['p(): a, b, c']],
    ['not what a pattern assigns before it reads it', 'yield* p(); const [x, y = x] = a; use(x, y)', ['p(): a']],
    ['labelled blocks', 'l: { yield* p(); if (a) break l; b = 1 } use(b)', ['p(): a, b']],
  ])('%s', (_name, body, expected) => expect(live(body)).toEqual(expected))

  it('keeps how a try ended while its finally block runs', () => {
    expect(live('try { if (a) return b; yield* p() } finally { yield* q() } use(c)'))
      .toEqual(['p(): _ending, _value, c', 'q(): _ending, _value, c'])
  })

  it('has `this`', () => {
    expect(live('yield* p(); yield* q(this.x)')).toEqual(['p(): this', 'q(this.x): '])
  })
})

it('may change what is its own', () => {
  expect(live('let x = 0; const own = { n: 1 }; own.n++; x = [...c]; x[0] = 1; c = [1]; c[0] = 2; const seen = []; seen.push(1); yield* p(() => { let y = x; y++; return y })')).toHaveLength(1)
})

const refused = (body: string) => () => live(body)

describe('what is refused', () => {
  it.each([
    ['a changed operand', 'return a++ + (yield* p())', '/model.ts:2:15: `a` changes in an expression'],
    ['arguments', 'yield* p(arguments[0])', '/model.ts:2:10: model code uses `arguments`'],
    ['eval', 'yield* p(eval("a"))', '/model.ts:2:10: model code uses `eval`'],
    ['a choice by what a step may give', 'yield* a?.p() ?? q()', '/model.ts:2:1: a step is chosen with `??`'],
    ['leaving finally', 'for (;;) try { yield* p() } finally { break }', '/model.ts:2:39: a finally block is left'],
    ['a step in what a loop assigns', 'for (a[yield* p()] of b) yield* p()', '/model.ts:2:6: a loop assigns its items'],
    ['a step in a pattern', 'const { x = yield* p() } = a', '/model.ts:2:'],
    ['a variable outside', 'outer = yield* p()', '/model.ts:2:1: model code assigns `outer`, which is no variable of the function'],
    ['one that is not declared', 'undeclared = yield* p()', '/model.ts:2:1: model code assigns `undeclared`'],
    ['a count outside', 'yield* p(outer++)', '/model.ts:2:10: model code assigns `outer`'],
    ['a field of what is outside', 'folio.count++; yield* p()', '/model.ts:2:1: model code changes a field of `folio`, which is no variable of the function'],
    ['a field deeper down', 'delete folio.a[yield* p()].b', 'model code changes a field of `folio`'],
    ['a field of an argument', 'a.count = yield* p()', '/model.ts:2:1: model code changes what it was passed, `a`'],
    ['a field of this', 'this.count = yield* p()', '/model.ts:2:1: model code changes a field of `this`'],
    ['a list outside', 'seen.push(yield* p())', '/model.ts:2:1: model code changes `seen`, which is no variable of the function'],
    ['a variable outside, in a closure', 'yield* p(() => { outer = 1 })', 'model code assigns `outer`'],
    ['a variable outside, in a function it calls', 'yield* p(helper())', '/model.ts:1:79: model code assigns `outer`'],
    ['the time', 'yield* p(Date.now())', '/model.ts:2:10: model code asks Date.now()'],
    ['the date', 'yield* p(new Date())', '/model.ts:2:10: model code asks for the time'],
    ['chance', 'yield* p(Math.random())', '/model.ts:2:10: model code asks Math.random()'],
    ['the time under another name', 'yield* p(clock())', 'model code asks performance.now()'],
    ['chance under another name', 'yield* p(chance())', 'model code asks Math.random()'],
    ['a variable twice in a pattern', '[a, a] = b; yield* p()', '/model.ts:2:1: a destructuring pattern assigns'],
    ['generators made while running', 'const g = function* () { yield* p() }; yield* g()', '/model.ts:2:11: model code makes'],
    ['syntax errors', 'yield* p(', '/model.ts:3:1: Unexpected token'],
  ])('%s', (_name, body, message) => expect(refused(body)).toThrow(message))
})
