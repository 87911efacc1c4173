import { pendingSite, type Site } from '../model/at.js'
import type { FnInfo } from '../model/fn.js'
import { type Request, Step } from '../model/step.js'
import type { History } from './frame.js'
import { type Identities, keyOf } from './keys.js'

const place = (site: Site): string => `${site.file}:${site.line}:${site.column}`

/** What makes a frame the same as another, as text. Handles go by the numbers that `identities` gives them. */
export class FrameKeys {
  private readonly histories = new WeakMap<History, string>()

  constructor(private readonly identities: Identities) {}

  of(value: unknown): string {
    return keyOf(value, this.identities)
  }

  frame(fn: FnInfo, args: readonly unknown[], history: History | undefined, request: Request): string {
    const { site, live, used } = pendingSite
    if (site) return `${place(site)}<${this.all(live)}>${this.request(request, used)}`
    return `${this.of(fn)}(${this.all(args)})${this.history(history)}${this.request(request, [])}`
  }

  private all(values: readonly unknown[]): string {
    return values.map((value) => this.of(value)).join()
  }

  private history(history: History | undefined): string {
    if (!history) return ''
    let key = this.histories.get(history)
    if (key === undefined) {
      key = `${this.history(history.before)},${this.of(history.value)}`
      this.histories.set(history, key)
    }
    return key
  }

  /** What tells this request from another one at the same place. */
  private request(request: Request, used: readonly unknown[]): string {
    return request instanceof Step ? `${request.kind}(${this.all(request.operands ?? used)})` : ''
  }
}
