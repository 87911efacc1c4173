/** Kinds of statements and expressions that can stand in each other. */
export const KINDS = [
  'for', 'forTest', 'forOf', 'forOfBare', 'forIn', 'while', 'doWhile', 'switch', 'finally', 'catch', 'throws', 'label', 'if', 'else', 'block',
  'conditional', 'logical', 'held', 'pattern', 'template',
] as const
export type Kind = (typeof KINDS)[number]

/**
 * Model code in which statements of these kinds stand in each other, the first outermost, with or without braces, with steps before,
 * within and after. What a generator keeps out of sight shows in what it does later: values are taken from lists, objects are
 * changed, variables are the same list or not.
 */
export function nestingOf(kinds: readonly Kind[], tape: readonly number[]): string {
  let at = 0
  let names = 0
  const number = (below: number): number => (tape[at++] ?? 0) % below
  const pick = <T>(...options: readonly (() => T)[]): T => options[number(options.length)]!()
  const name = (stem: string): string => `${stem}${names++}`
  const variable = (): string => `v${number(4)}`
  const value = (): string => pick(variable, () => `${number(3)}`, () => 'list.length', () => 'thing.n', () => '(list.pop() ?? 0)', () => 'list.indexOf(2)')
  const step = (): string => pick(
    () => `load(${number(3)})`, () => `store(${number(3)}, ${value()})`, () => `made(${value()})`, () => `f1(${value()}, ${value()})`,
    () => `load(cell(${value()}))`, () => { const v = variable(); return `atomic('a', () => ${v} + 1)` },
  )
  const simple = (): string => pick(
    () => `${variable()} = yield* ${step()}`,
    () => `;yield* ${step()}`,
    () => `list.push(${value()})`,
    () => `thing.n = (thing.n + ${value()}) % 3`,
    () => 'other = list',
    () => 'other = [...list]',
    () => `other.push(${value()})`,
    () => `${variable()} = ${value()} + (yield* ${step()})`,
    () => `${variable()} = sum(${value()}, yield* ${step()}, ${value()})`,
    () => `thing.n += yield* load(${number(3)})`,
    () => `${variable()} = [...list, yield* ${step()}].length`,
    () => `${variable()} = [list, yield* ${step()}, other.length][0].length`,
  )
  const jumps = (loops: readonly string[], labels: readonly string[]): string => pick(
    () => 'return v0', simple, ...(loops.length > 0 ? [() => 'break', () => 'continue'] : []),
    ...loops.map((loop) => () => `continue ${loop}`), ...[...loops, ...labels].map((label) => () => `break ${label}`),
  )
  const nest = (depth: number, loops: readonly string[], labels: readonly string[], inFinally: boolean): string => {
    const kind = kinds[depth]
    const jump = (): string => (number(3) > 0 || inFinally ? simple() : `if (${variable()} === ${number(3)}) { ${jumps(loops, labels)} }`)
    if (kind === undefined) return pick(simple, () => `{ ${simple()}; ${jump()} }`, () => `{ ${jump()}; ${simple()} }`)
    const braces = (text: string): string => pick(() => text, () => `{ ${text} }`, () => `{ ${simple()}; ${text}; ${simple()} }`, () => `{ ${text}; ${jump()} }`)
    const inner = (): string => braces(nest(depth + 1, loops, labels, inFinally))
    const loop = (make: (body: string) => string): string => {
      const label = name('l')
      return `${label}: ${make(braces(nest(depth + 1, inFinally ? loops : [...loops, label], labels, inFinally)))}`
    }
    const count = name('n')
    switch (kind) {
      case 'for': return loop((body) => `for (let ${count} = 0; ${count} < 2; ${count}++) ${body}`)
      case 'forTest': return `{ let ${count} = 0; ${loop((body) => `for (v0 = yield* ${step()}; ${count}++ < 2 && (yield* ${step()}) !== 5; v1 = yield* ${step()}) ${body}`)} }`
      case 'forOf': return loop((body) => `for (const ${count} of [${value()}, ${value()}, 1]) { v2 = ${count}; ${body} }`)
      case 'forOfBare': return loop((body) => `for (${pick(() => 'v1', () => '[v1 = 2]', () => 'thing.n')} of ${pick(() => '[[0], [], [1]]', () => 'new Set([[1], [2]])')}) ${body}`)
      case 'forIn': return loop((body) => `for (${pick(() => 'v2', () => `const ${count}`)} in ${pick(() => '{ a: 1, b: 2 }', () => '[1, 2]', () => 'null')}) ${body}`)
      case 'while': return `{ let ${count} = 2; ${loop((body) => `while (${count}-- > 0${pick(() => '', () => ` && (yield* ${step()}) !== 5`)}) ${body}`)} }`
      case 'doWhile': return `{ let ${count} = 2; ${loop((body) => `do { ${body} } while (--${count} > 0${pick(() => '', () => ` && (yield* ${step()}) !== 5`)})`)} }`
      case 'switch': return `switch (${pick(value, () => `yield* ${step()}`)}) { case 0: ${inner()}; ${pick(() => 'break', () => '')}; default: ${simple()}; case 1: ${inner()} }`
      case 'finally': return `try ${block(inner())} finally ${block(pick(simple, () => nest(depth + 1, [], [], true)))}`
      case 'catch': return `try ${block(`${inner()}; if (v0 === ${number(3)}) throw v1`)} catch (e) ${block(`v2 = e; ${pick(simple, () => inner())}`)}`
      case 'throws': return `try { ${simple()}; if (v0 === ${number(3)}) throw v1; ${inner()} } catch ${block(simple())} finally ${block(simple())}`
      case 'label': { const label = name('b'); return `${label}: ${block(`${nest(depth + 1, loops, inFinally ? labels : [...labels, label], inFinally)}; ${jump()}`)}` }
      case 'if': return `if (${pick(value, () => `yield* ${step()}`)}) ${inner()}`
      case 'else': return `if (${value()} === 0) { ${simple()} } else ${inner()}`
      case 'block': return `{ const ${count} = v0; { let v0 = ${count}; ${inner()}; v0++ } ${simple()} }`
      case 'conditional': return `{ v0 = (yield* ${step()}) ? (v1 = yield* ${step()}) : ${value()} + (yield* ${step()}); ${inner()} }`
      case 'logical': return `{ v0 = (${value()} && (yield* ${step()})) ${pick(() => '||', () => '??')} (yield* ${step()}); ${inner()} }`
      case 'held': return `{ v0 = sum(${value()}, (yield* ${step()}) + ${value()}, yield* ${step()}, list.length) + (yield* ${step()}); ${inner()} }`
      case 'pattern': return `{ ;[v0, v1 = v0] = [${value()}, yield* ${step()}]; ${inner()} }`
      case 'template': return `{ v3 = \`\${${value()}}\${yield* ${step()}}\`.length; ${inner()} }`
    }
  }
  const block = (text: string): string => `{ ${text} }`
  const body = `${simple()}; { ${nest(0, [], [], false)} } ${simple()}; ${simple()}`
  return `function* f0(v0, v1) { let v2 = 0, v3 = 1; let list = [1, 2], other = list; const thing = { n: 0 }
${body}
return (yield* load(0)) + v0 + 3 * v1 + 9 * v2 + 27 * v3 + 81 * list.length + 243 * other.length + 729 * thing.n + 2187 * Number(other === list) }
function* f1(a, b) { return (yield* load(cell(a))) + b }`
}
