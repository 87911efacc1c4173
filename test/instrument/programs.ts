const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)

/**
 * Random model code: turns a tape of numbers into the source of a few generator functions over the cells 0 … 2.
 * `closed`: it ends without instrumentation too, and has oracles. Shorter tapes and smaller numbers give simpler programs, so that fast-check shrinks to something readable.
 */
export const programFrom = (tape: readonly number[], { closed = false } = {}): string => {
  let at = 0
  const pick = <T>(...options: readonly (() => T)[]): T => options[(tape[at++] ?? 0) % options.length]!()
  const number = (below: number): number => (tape[at++] ?? 0) % below
  let names = 0
  const FUNCTIONS = 3

  interface Scope {
    readonly fn: number
    readonly depth: number
    readonly loops: readonly string[]
    /** Labelled blocks: only `break` may name them. */
    readonly blocks: readonly string[]
    readonly closures: readonly string[]
    readonly finalizer?: boolean
  }
  const variable = (): string => `v${number(4)}`

  const step = (s: Scope): string => pick(
    () => `load(${number(3)})`,
    () => `load(cell(${expression(s)}))`,
    () => `store(${number(3)}, ${expression(s)})`,
    () => { const v = variable(); return `atomic('a', () => ${v} + 1)` },
    () => { const v = variable(); return `until(${number(3)}, (x) => x >= ${v})` },
    () => (s.fn + 1 < FUNCTIONS ? `f${s.fn + 1}(${expression(s)}, ${expression(s)})` : `load(cell(${variable()}))`),
    () => `made(${variable()})`,
    () => `plain(${variable()})`,
    () => (closed ? `check(${number(3)}, ${variable()})` : `load(cell(${variable()}))`),
  )

  const expression = (s: Scope): string => {
    if (s.depth > 4) return variable()
    const inner = { ...s, depth: s.depth + 1 }
    return pick(
      variable,
      () => String(number(3)),
      () => `(yield* ${step(inner)})`,
      () => `((${expression(inner)} + ${expression(inner)}) % 3)`,
      () => `(${expression(inner)} === ${expression(inner)} ? ${expression(inner)} : ${expression(inner)})`,
      () => `(${expression(inner)} && ${expression(inner)})`,
      () => `(${expression(inner)} || ${expression(inner)})`,
      () => `(${variable()} = ${expression(inner)})`,
      () => `${variable()}++`,
      () => `sum(${expression(inner)}, ${expression(inner)}, ${expression(inner)})`,
      () => `[${expression(inner)}, ${expression(inner)}][${expression(inner)} % 2]`,
      () => (s.closures.length > 0 ? `${s.closures[number(s.closures.length)]}()` : variable()),
      () => `(${expression(inner)}, ${expression(inner)})`,
    )
  }

  const block = (s: Scope): string => {
    const inner = { ...s, depth: s.depth + 1 }
    const shadow = pick(() => '', () => '', () => `const o = ${variable()}; { let ${variable()} = o; `)
    const body = times(1 + number(3), () => statement(inner)).join('\n')
    return `{ ${shadow}${body} ${shadow && '}'} }`
  }

  const loop = (s: Scope, make: (inner: Scope, name: string) => string): string => {
    const name = `l${names++}`
    return `${name}: ${make({ ...s, loops: [...s.loops, name] }, name)}`
  }

  const jump = (s: Scope): string => {
    if (s.finalizer) return `${variable()} = 1`
    const labels = [...s.loops.map((l) => [`break ${l}`, `continue ${l}`]), ...s.blocks.map((l) => [`break ${l}`])].flat()
    const all = [...labels, ...(s.loops.length > 0 ? ['break', 'continue'] : []), 'return', `return ${variable()}`,
      `throw ${variable()}`]
    return all[number(all.length)]!
  }

  const finalizer = (s: Scope): Scope => ({ ...s, loops: [], blocks: [], finalizer: true })

  const statement = (s: Scope): string => {
    if (s.depth > 3) return `${variable()} = yield* ${step(s)}`
    const inner = { ...s, depth: s.depth + 1 }
    return pick(
      () => `${variable()} = yield* ${step(inner)}`,
      () => `;yield* ${step(inner)}`,
      () => `${variable()} = ${expression(inner)}`,
      () => `${variable()} ${['+=', '-=', '??=', '||=', '&&='][number(5)]} ${expression(inner)}`,
      () => `if (${expression(inner)}) ${block(s)}`,
      () => `if (${expression(inner)}) ${block(s)} else ${block(s)}`,
      () => `if (${expression(inner)}) ${jump(s)}`,
      () => `;${expression(inner)} ${['&&', '||', '??'][number(3)]} (${variable()} = ${expression(inner)})`,
      () => `${variable()} = ${variable()} ? (${variable()} = ${expression(inner)}) : ${expression(inner)}`,
      () => `try { ${variable()} = yield* ${step(inner)}; ${variable()} = 0 } catch { yield* store(0, ${variable()}) }`,
      () => loop(s, (t, name) => `for (let ${name}i = 0; ${name}i < 2; ${name}i++) ${block(t)}`),
      () => closed ? `${variable()} = ${expression(inner)}` : loop(s, (t) => `while ((yield* load(${number(3)})) === ${expression(inner)}) ${block(t)}`),
      () => { const fuel = `n${names++}`; return `let ${fuel} = 2; ` + loop(s, (t) => `do ${block(t)} while (${fuel}-- > 0 && ${expression(inner)})`) },
      () => loop(s, (t) => `for (const x of [${variable()}, ${variable()}, 1]) { ${variable()} = x; ${block(t)} }`),
      () => { const l = `b${names++}`; return `${l}: ${block({ ...s, blocks: [...s.blocks, l] })}` },
      () => `switch (${expression(inner)}) { case 0: ${statement(inner)}; break; case 1: ${statement(inner)}\ndefault: ${statement(inner)} }`,
      () => `try ${block(s)} finally ${block(finalizer(s))}`,
      () => `try ${block(s)} catch (e) { ${variable()} = e; ${block(s)} }`,
      () => `try ${block(s)} catch (e) { ${variable()} = e; ${block(s)} } finally ${block(finalizer(s))}`,
      () => { const g = `g${names++}`; const v = variable(); return `{ const ${g} = () => ${v}; ${block({ ...s, closures: [...s.closures, g] })} }` },
      () => { const g = `g${names++}`; const v = variable(); return `{ const ${g} = () => (${v} = (${v} + 1) % 3); ${block({ ...s, closures: [...s.closures, g] })} }` },
      () => `;[v${number(2)}, v${2 + number(2)} = 2] = [${expression(inner)}, ${variable()} || undefined]`,
      () => { const [x, y] = [`x${names++}`, `y${names++}`]; return `{ const [${x}, ${y} = ${x}] = [${expression(inner)}]; ${block(inner)} ${variable()} = ${y} }` },
    )
  }

  const all = (): string => times(number(3), variable).map((v, i) => ` + ${i + 1} * ${v}`).join('')

  return Array.from({ length: FUNCTIONS }, (_, fn) => {
    const s: Scope = { fn, depth: 0, loops: [], blocks: [], closures: [] }
    const body = times(2 + number(4), () => statement(s)).join('\n')
    return `function* f${fn}(v0, v1) {\nlet v2 = 0, v3 = 1\n${body}\nreturn (yield* load(0))${all()}\n}`
  }).join('\n')
}
