import type { Site } from '../model/at.js'
import type { FnInfo } from '../model/fn.js'
import { type Request, Step } from '../model/step.js'
import type { History } from './frame.js'
import { type Identities, keyOf, Met } from './keys.js'
import type { Outcome, Pairs } from './outcome.js'

const places = new WeakMap<Site, string>()

function placeOf(site: Site): string {
  let place = places.get(site)
  if (place === undefined) places.set(site, (place = `${site.file}:${site.line}:${site.column}`))
  return place
}

/** What makes a frame the same as another. */
export interface FrameKey {
  readonly key: string
  /** The plain objects and arrays that the key tells of: those that another frame of the stack has too are one. */
  readonly met: Met
}

/** What makes a frame the same as another, as text. Handles go by the numbers that `identities` gives them. */
export class FrameKeys {
  private readonly histories = new WeakMap<History, FrameKey>()

  constructor(private readonly identities: Identities) {}

  of(value: unknown): string {
    return keyOf(value, this.identities, new Met())
  }

  /**
   * Of a frame at rest, by what it showed when it was run again: what a caller passed and got back is then only equal, in
   * whatever order one learns. `pairs` gives the objects that the frame really has.
   */
  frame(fn: FnInfo, args: readonly unknown[], history: History | undefined, { turn, site, live, used }: Outcome, pairs: Pairs): FrameKey {
    const before = site ? undefined : this.history(fn, args, history)
    const met = before ? before.met.copy() : new Met()
    const place = site ? `${placeOf(site)}<${this.all(live, met)}>` : before!.key
    const key = place + this.request(turn.value as Request, site ? used : [], met)
    if (pairs.size === 0) return { key, met }
    const real = met.copy()
    for (const [object, number] of met) {
      real.delete(object)
      real.set(pairs.get(object) ?? object, number)
    }
    return { key, met: real }
  }

  private all(values: readonly unknown[], met: Met): string {
    return values.map((value) => keyOf(value, this.identities, met)).join()
  }

  private history(fn: FnInfo, args: readonly unknown[], history: History | undefined): FrameKey {
    const known = history && this.histories.get(history)
    if (known) return known
    if (!history) {
      const met = new Met()
      return { key: `${this.of(fn)}(${this.all(args, met)})`, met }
    }
    const before = this.history(fn, args, history.before)
    const met = before.met.copy()
    const frame = { key: `${before.key},${keyOf(history.value, this.identities, met)}`, met }
    this.histories.set(history, frame)
    return frame
  }

  /** What tells this request from another one at the same place. */
  private request(request: Request, used: readonly unknown[], met: Met): string {
    return request instanceof Step ? `${request.kind}(${this.all(request.operands ?? used, met)})` : ''
  }
}

/**
 * The frames of a stack as one text. A frame that only hands on what its callee returns adds nothing to what the thread can
 * do. Plain objects that several frames have are told at the end: by their numbers in each.
 */
export function stackKey(frames: readonly Placed[]): string {
  const told = tellingFrames(frames)
  const text = told.map((frame) => frame.key).join(' > ')
  if (told.filter(({ met }) => met.size > 0).length < 2) return text
  const owners = new Map<object, string>()
  const shared: string[] = []
  told.forEach(({ met }, i) => {
    for (const [object, number] of met) {
      const owner = owners.get(object)
      if (owner === undefined) owners.set(object, `${i}.${number}`)
      else shared.push(`${owner}=${i}.${number}`)
    }
  })
  return shared.length > 0 ? `${text} with ${shared.join()}` : text
}

type Placed = FrameKey & { readonly site: Site | undefined }

const tellingFrames = (frames: readonly Placed[]): readonly Placed[] => frames.filter((frame, i) => !frame.site?.tail || i === frames.length - 1)

/** The numbers of sequences that a stack of frames remembers. */
export const numbersIn = (frames: readonly Placed[]): readonly number[] => [...new Set(tellingFrames(frames).flatMap(({ met }) => [...met.numbers]))]
