import { UserError } from '../../engine/errors.js'
import { direct } from '../../engine/model/direct.js'
import { Call, fn, type FnInfo } from '../../engine/model/fn.js'
import { functionOf, type Replacements } from '../../engine/model/replace.js'
import { isSince, type KernelName } from '../../machine/kernels.js'
import type { Change, ModelFunction, Replacement } from './change.js'
import { changes } from './index.js'

/** What makes a kernel this one: its changes, and the functions that run in place of others for them. */
export interface KernelChanges {
  readonly kernel: KernelName
  /** Ids of the changes that it has. */
  readonly ids: ReadonlySet<string>
  /** Ids that model code has asked for. */
  readonly asked: Set<string>
  readonly replaced: Replacements
  /** The same without proposals, mutations and changes of a user's own: what `original()` runs. */
  readonly asReleased: Replacements
  /** Those that have cells of their own. */
  readonly layingOut: readonly Change[]
}

/** How a kernel differs from what was released. */
export interface Difference {
  /** Ids of changes that it does not have. */
  readonly revert?: readonly string[]
  /** Ids of changes that it has. */
  readonly apply?: readonly string[]
  /** Changes of a user's own, which `apply` may name. */
  readonly own?: readonly Change[]
}

const releasedIn = ({ since }: Change, kernel: KernelName): boolean => since !== undefined && isSince(kernel, since)

/** The changes of a kernel as released, or with a difference. */
export function changesOf(kernel: KernelName, { revert = [], apply = [], own = [] }: Difference = {}): KernelChanges {
  const ids = new Set(changes.filter((change) => releasedIn(change, kernel)).map(({ id }) => id))
  for (const id of apply) ids.add(id)
  for (const id of revert) ids.delete(id)
  const asReleased = formsOf(changes.filter(({ since }) => since !== undefined), ids)
  const replaced = new Map(asReleased)
  const by = new Map<FnInfo, Change>()
  for (const change of [...changes.filter(({ since }) => since === undefined), ...own]) {
    for (const pair of ids.has(change.id) ? change.replace ?? [] : []) {
      const [without, having] = pairOf(pair)
      const other = by.get(without)
      if (other) throw new UserError('replaced-twice', `${other.id} and ${change.id} both replace ${without.name}()`, 'a kernel can have one of them')
      by.set(without, change)
      replaced.set(without, having)
    }
  }
  const layingOut = [...changes, ...own].filter((change) => change.cells && ids.has(change.id))
  return { kernel, ids, asked: new Set(), replaced, asReleased, layingOut }
}

/** The same, and whoever asks for a change is noted: for races, where model code runs but once. */
export function watched(changes: KernelChanges): KernelChanges {
  const asked = new Set<string>()
  return { ...changes, asked, ids: new Watched(changes.ids, asked) }
}

class Watched extends Set<string> {
  constructor(ids: Iterable<string>, private readonly asked: Set<string>) {
    super(ids)
  }

  override has(id: string): boolean {
    this.asked.add(id)
    return super.has(id)
  }
}

/** Whether this change makes a difference to a kernel that has called these functions: what it asks for or replaces has run. */
export const isExecuted = (change: Change, { asked, replaced }: KernelChanges, called: ReadonlySet<FnInfo>): boolean =>
  asked.has(change.id) || (change.replace ?? []).map(pairOf).some(([before, after]) => called.has(after) || called.has(replaced.get(before) ?? before))

/** Which form of each function runs on a kernel with these of the changes. Whichever form is called, it is that one. */
export function formsOf(merged: readonly Change[], ids: ReadonlySet<string>): Replacements {
  const steps = new Map(merged.flatMap(({ id, replace = [] }) => replace.map((pair) => {
    const [before, after] = pairOf(pair)
    return ids.has(id) ? [before, after] as const : [after, before] as const
  })))
  return new Map([...steps.keys()].map((from) => [from, last(steps, from)]))
}

/** Several changes may have rewritten a function, one after the other. */
const last = (steps: Replacements, from: FnInfo): FnInfo => {
  const to = steps.get(from)
  return to ? last(steps, to) : from
}

const renamed = new WeakMap<ModelFunction, FnInfo>()

/** A replacement as the engine knows it. What stands in for a function bears its name where it has none, and can run alone. */
export const pairOf = ([without, having]: Replacement): readonly [FnInfo, FnInfo] => {
  const old = functionOf(without)
  if (!old) throw new UserError('not-replaceable', `${without.name || 'a function'} is not a function of model code that can be replaced`, 'replace: [[try_grab_folio, function* (page, refs, flags) { … }]]')
  const info = renamed.get(having) ?? standIn(old, functionOf(having) ?? functionOf(fn(having as () => never))!)
  renamed.set(having, info)
  return [old, info]
}

const standIn = (old: FnInfo, by: FnInfo): FnInfo => {
  const named = by.name === 'anonymous' || by.name === '' ? { ...by, name: old.name } : by
  return named.plain ? named : { ...named, plain: (...args: never[]) => direct.run!.answer(new Call(named, args)) }
}
