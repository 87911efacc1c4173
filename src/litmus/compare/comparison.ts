import type { LitmusReport } from '../run-litmus.js'
import type { Expectation } from './expectations.js'

/** Agreement with expected results over many tests. */
export class Comparison {
  private readonly agreed = { verdicts: 0, 'final states': 0, 'data races': 0 }
  private readonly compared = { verdicts: 0, 'final states': 0, 'data races': 0 }

  /** Adds a result; a test without one (`undefined`) agrees with nothing. Returns how it differs from what is expected. */
  add(report: LitmusReport | undefined, expected: Expectation): string[] {
    const { counts, observation } = report ?? {}
    return [
      this.compare('verdicts', observation, expected.observation),
      this.compare('final states', counts?.complete ? counts.states.length : undefined, expected.states),
      this.compare('data races', counts?.dataRace, expected.dataRace),
    ].filter((difference) => difference !== undefined)
  }

  get allAgree(): boolean {
    return Object.entries(this.compared).every(([what, n]) => n === this.agreed[what as keyof typeof this.agreed])
  }

  /** `verdicts 24 of 24 (100.00 %)` */
  summary(): string[] {
    return Object.entries(this.compared).filter(([, n]) => n > 0).map(([what, n]) => {
      const agreed = this.agreed[what as keyof typeof this.agreed]
      return `${what} ${agreed} of ${n} (${((100 * agreed) / n).toFixed(2)} %)`
    })
  }

  private compare<T>(what: keyof typeof this.agreed, found: T | undefined, expected: T | undefined): string | undefined {
    if (expected === undefined) return undefined
    this.compared[what]++
    if (found === expected) {
      this.agreed[what]++
      return undefined
    }
    return `${what}: ${found ?? 'unknown'}, expected ${expected}`
  }
}
