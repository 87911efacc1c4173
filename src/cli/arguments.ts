import { readFileSync } from 'node:fs'
import { UserError } from '../engine/errors.js'
import { refuse } from '../engine/model/made.js'
import { nearestHint } from '../engine/nearest.js'
import { Watch } from '../race/own-oracle.js'
import { Setup } from '../race/setup.js'
import { expected, type Kind, misfit, type Shapes } from './kind.js'

interface Parameter {
  readonly name: string
  readonly kind?: Kind
  /** Of each of as many as there are. */
  readonly rest?: Kind
}

/** What scripts/argument-kinds.mjs has written of the package's types. */
interface Kinds {
  readonly functions: Readonly<Record<string, readonly Parameter[]>>
  readonly methods: Readonly<Record<'Setup' | 'Watch', Readonly<Record<string, readonly Parameter[]>>>>
  readonly shapes: Shapes
}

interface Known {
  readonly name: string
  readonly parameters: readonly Parameter[]
}

const { functions, methods, shapes } = JSON.parse(readFileSync(new URL('./argument-kinds.json', import.meta.url), 'utf8')) as Kinds

const known = new Map<unknown, Known>()
const learn = (of: object, names: Readonly<Record<string, readonly Parameter[]>>, prefix: string): void => {
  for (const [name, parameters] of Object.entries(names)) {
    if (name in of) known.set((of as Record<string, unknown>)[name], { name: prefix + name, parameters })
  }
}
// By name, as users' files import it: a list of all exports in the bundle would come with the model wherever that goes.
for (const entry of ['mmrace/engine', 'mmrace']) learn((await import(import.meta.resolve(entry))) as object, functions, '')
learn(Setup.prototype, methods.Setup, 'k.')
learn(Watch.prototype, methods.Watch, 'k.')

/**
 * For calls in a user's file, which need not have been type-checked: the arguments as they are, if they are of the kinds that the
 * function takes. A wrong one would be no value that the model knows, and what comes of that may be called HOLDS.
 */
export function fits<Args extends readonly unknown[]>(called: unknown, args: Args, place: string): Args {
  const fn = known.get(called)
  if (fn) for (const wrong of wrongOf(fn, args)) refuse(wrong(place))
  return args
}

function* wrongOf({ name, parameters }: Known, args: readonly unknown[]): Generator<(place: string) => UserError> {
  const taken = `${name}(${parameters.map((one) => `${one.rest ? '…' : ''}${one.name}: ${expected((one.rest ?? one.kind)!)}`).join(', ')})`
  const refused = (what: string, hint = taken) => (place: string): UserError => new UserError('bad-argument', `${place}: ${what}`, hint)
  for (const [i, { name: parameter, kind, rest }] of parameters.entries()) {
    for (const [j, value] of (rest ? args.slice(i) : [args[i]]).entries()) {
      const wrong = misfit((rest ?? kind)!, value, shapes)
      if (!wrong) continue
      const what = `${parameter}${rest ? `[${j}]` : ''}${wrong.path}`
      if (wrong.unknown !== undefined) yield refused(`${what} has no field ${wrong.unknown}`, nearestHint(wrong.unknown, wrong.known ?? [], taken))
      else if (i >= args.length) yield refused(`${what} is missing: ${wrong.wanted}`)
      else yield refused(`${what} is ${wrong.given}, not ${wrong.wanted}`)
    }
  }
  if (args.length > parameters.length && !parameters.some(({ rest }) => rest)) {
    yield refused(`${parameters.length === 0 ? 'takes nothing' : `takes ${parameters.length} ${parameters.length === 1 ? 'argument' : 'arguments'}`}, and gets ${args.length}`)
  }
}
