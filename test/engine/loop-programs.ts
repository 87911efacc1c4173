import type { Plan } from './programs.js'

/** Random model code of which most is loops: retried locks, counters that wrap, waiting, loops that end by chance. */
export function loopPlanFrom(tape: readonly number[]): Plan {
  let at = 0
  const number = (below: number): number => (tape[at++] ?? 0) % below
  const pick = <T>(...options: readonly (() => T)[]): T => options[number(options.length)]!()
  const cell = (): string => `c[${number(4)}]`
  const variable = (): string => `v${number(2)}`

  const plain = (): string => pick(
    () => `${variable()} = yield* load(${cell()})`,
    () => `yield* store(${cell()}, ${number(3)})`,
    () => `yield* store(${cell()}, ${variable()})`,
    () => `${variable()} = yield* both(${cell()}, ${cell()}, ${number(5)})`,
    () => 'yield* fence()',
    () => `${variable()} = yield* choose(2)`,
    () => `if (${variable()} === ${number(2)}) { ${plain()} }`,
  )
  const body = (): string => pick(() => '', plain, () => `${plain()}; ${plain()}`)
  const looped = (): string => pick(
    () => { const lock = cell(); return `while ((yield* xchg(${lock}, 1)) === 1) { ${pick(() => '', () => 'yield* fence()')} } ${body()}; yield* store(${lock}, 0)` },
    () => { const lock = cell(); return `while ((yield* cmpxchg(${lock}, 0, 1)) !== 0) { ${body()} } ${body()}; yield* store(${lock}, 0)` },
    () => { const count = cell(); return `for (;;) { v0 = yield* load(${count}); if ((yield* cmpxchg(${count}, v0, (v0 + 1) % 3)) === v0) break }` },
    () => `while ((yield* load(${cell()})) ${pick(() => '===', () => '!==')} ${number(3)}) { ${body()} }`,
    () => `while ((yield* choose(2)) === 0) { ${body()} }`,
    () => `do { ${plain()}; yield* fence() } while (${variable()} === ${number(3)})`,
    () => `for (;;) { ${plain()}; if (${variable()} === ${number(3)}) break; yield* fence(); ${body()} }`,
    () => `while ((yield* load(${cell()})) === 0) { yield* until(${cell()}, (x) => x !== ${number(3)}) }`,
  )
  const count = 2 + number(2)
  const bodies = Array.from({ length: count }, () => number(count))
  const threads = Array.from({ length: count }, () =>
    `() { let v0 = 0, v1 = 0; ${Array.from({ length: 1 + number(3) }, () => pick(looped, plain, looped)).join('; ')}; return v0 }`)
  return {
    source: () => threads.map((text, i) => `function* t${i}${text}`).join('\n'),
    loops: true, bodies, watch: number(4), end: number(4), endless: number(3) === 2 ? number(8) : 0,
  }
}
